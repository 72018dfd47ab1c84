// SPDX-License-Identifier: Apache-2.0
// A directory for one test, removed with all that lies in it. Every call fails the test by an
// exception if the system refuses; nothing here follows symlinks.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

namespace permward::test {

class TempTree {
 public:
  // Below `parent` (default: $TMPDIR, else /tmp), mode 0700. Its path has no symlink in it.
  explicit TempTree(std::string_view parent = {});
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  // The directory itself, absolute, without a trailing slash.
  const std::string& root() const { return root_; }
  // `relative` below the directory, absolute. Nothing needs to be there.
  std::string path(std::string_view relative) const;

  // Each makes one object and returns its absolute path. The mode is set as given, whatever the
  // umask (0 to 07777). Parents that are missing are made, mode 0755.
  std::string file(std::string_view relative, std::string_view content = {}, mode_t mode = 0644);
  std::string directory(std::string_view relative, mode_t mode = 0755);
  std::string symlink(std::string_view relative, std::string_view target);
  std::string fifo(std::string_view relative, mode_t mode = 0644);
  // A further name for `existing` (relative).
  std::string hard_link(std::string_view relative, std::string_view existing);

  void chmod(std::string_view relative, mode_t mode);
  // Needs root unless it changes nothing. -1 leaves an id as it is. Symlinks are changed
  // themselves.
  void chown(std::string_view relative, uid_t uid, gid_t gid);
  // The content of a regular file.
  std::string read(std::string_view relative) const;

 private:
  void make_parents(std::string_view relative);

  std::string root_;
};

}  // namespace permward::test
