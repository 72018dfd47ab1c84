// SPDX-License-Identifier: Apache-2.0
//
// Opening and listing directories, and taking hold of what lies in them. Layer `os`.
// A name is one component, never empty, never with a slash; links in it are never followed.
// Descriptors are close-on-exec.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "model/type.hpp"
#include "os/kernel.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace permward {

enum class Crossing : unsigned char {
  refused,  // a mount point there is an error of kind `changed`: none was known
  allowed,
};

// The root of the tree, of which `root` is a descriptor, open for listing.
[[nodiscard]] Result<Fd> open_root_directory(int root);

// The directory `name`, open for listing. Access times are left alone where the caller may.
// Errors: `not_found`, also where it is no directory; `insecure_path` where it is a link; `changed`
// where a mount point appeared; `denied` where it may not be listed.
[[nodiscard]] Result<Fd> open_directory(const Kernel& kernel, int parent, const char* name,
                                        Crossing crossing);

// The same, to search only (O_PATH): for directories that may not be listed.
[[nodiscard]] Result<Fd> open_directory_to_search(const Kernel& kernel, int parent,
                                                  const char* name, Crossing crossing);

// A hold (O_PATH) of whatever `name` is: nothing is opened, no driver or lease is asked. Errors:
// `not_found`, `denied`, `io`.
[[nodiscard]] Result<Fd> take_hold(const Kernel& kernel, int directory, const char* name);

// Removes the name, if it is that of a link with one of these texts. False: there is nothing, or
// something else. Errors: `denied`, `io`.
[[nodiscard]] Result<bool> remove_link(int directory, const char* name,
                                       const std::array<std::string, 2>& texts);

// The text of the link behind an O_PATH descriptor, of any length.
[[nodiscard]] Result<std::string> link_text(int link);

struct DirectoryEntry {
  const char* name = nullptr;  // NUL-terminated; valid until the next `next`
  std::optional<Type> type;    // where the file system says
  // As the directory has it: of a mount point, and of a subvolume, another one than stat(2) shows.
  std::uint64_t inode = 0;
};

// The entries of an open directory but `.` and `..`, in its own order: getdents64(2).
class Listing {
 public:
  // `buffer` lends at least 1 KiB, aligned for 8 bytes.
  Listing(int directory, std::span<std::byte> buffer) : directory_(directory), buffer_(buffer) {}

  // Nothing at the end. Errors: `not_found` (the directory has been removed), `denied`, `io`.
  Result<std::optional<DirectoryEntry>> next();

 private:
  int directory_;
  std::span<std::byte> buffer_;
  std::size_t filled_ = 0;
  std::size_t at_ = 0;
};

// Whether the file that is held has no content, or the directory no entry but those that
// `overlook` says. Errors: `denied`, `io`.
[[nodiscard]] Result<bool> is_empty(const Kernel& kernel, int held, Type type,
                                    const std::function<bool(const char* name)>& overlook);

// The names that these inodes have in a directory now; those that have none are left out, and in a
// directory that has been removed none has. Lists the directory anew, whatever `directory` is
// opened for. Errors: `denied`, `io`.
using InodeNames = std::unordered_map<std::uint64_t, std::string>;
[[nodiscard]] Result<InodeNames> find_inodes(const Kernel& kernel, int directory,
                                             const std::unordered_set<std::uint64_t>& inodes);

}  // namespace permward
