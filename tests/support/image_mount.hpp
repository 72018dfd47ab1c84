// SPDX-License-Identifier: Apache-2.0
// A real file system for one test, mounted in the mount namespace that the test program made for
// itself (`fs_main.cpp`), so that nothing of it is left behind. Every call fails the test by an
// exception if the system refuses.
#pragma once

#include "support/temp_tree.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

enum class FileSystem { ext4, tmpfs, xfs, btrfs, overlay };

std::string_view name(FileSystem file_system);

// ext4 and tmpfs, and if everything is to be run xfs, btrfs and overlay too; says what it leaves
// out.
std::vector<FileSystem> file_systems();
// All five, for what is short.
std::vector<FileSystem> all_file_systems();

// A new file system, empty, its root directory 0755 root:root. Images are sparse files, and have
// no name any more once they are mounted.
class ImageMount {
 public:
  explicit ImageMount(FileSystem file_system);
  ~ImageMount();
  ImageMount(const ImageMount&) = delete;
  ImageMount& operator=(const ImageMount&) = delete;

  // The tree in which tests make what they look at. It lies on the file system.
  TempTree& tree() { return *tree_; }
  std::string path(std::string_view relative) const { return tree_->path(relative); }

 private:
  TempTree place_;  // the mount points
  std::vector<std::string> mounted_;
  std::unique_ptr<TempTree> tree_;
};

// mount(2) on a directory that is there, undone at the end.
class Mounted {
 public:
  Mounted(const std::string& source, std::string point, const std::string& type,
          unsigned long flags = 0, const std::string& data = "");
  ~Mounted();
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;

 private:
  std::string point_;
};

}  // namespace permward::test
