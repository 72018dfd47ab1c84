// SPDX-License-Identifier: Apache-2.0
//
// What is done to a name: `changer.hpp`.
#include "os/changer.hpp"
#include "os/directory.hpp"
#include "os/names.hpp"
#include "os/xattr_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr const char* removing = "remove";

constexpr std::size_t longest_list_of_names = 65536;  // XATTR_LIST_MAX: xattr(7)

Result<Fd> make_file(int directory, const char* name) {
  constexpr int flags =
      O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Fd made(::openat(directory, name, flags, 0));
  if (!made) return name_error(making);
  return made;
}

// Where somebody may rename after all, he has nothing like it: a directory of ours that nobody else
// has a right to.
Result<Fd> make_directory(const Kernel& kernel, int directory, const char* name) {
  if (::mkdirat(directory, name, 0) != 0) return name_error(making);
  TRY_ASSIGN(Fd made, take_hold(kernel, directory, name));
  TRY_ASSIGN(const struct stat status, status_of(made.get(), making));
  const bool ours =
      S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() && (status.st_mode & 0777) == 0;
  if (!ours) return not_what_was_there(making);
  // Nor is it another one of ours that was put there.
  TRY_ASSIGN(const bool empty, is_empty(kernel, made.get(), Type::directory, no_entry));
  if (!empty) return not_what_was_there(making);
  return made;
}

// --- A link in the place of another ---

// A name that goes again.
class Scratch {
 public:
  Scratch(int directory, const char* name) : directory_(directory), name_(name) {}
  ~Scratch() {
    if (!kept_) (void)remove();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const char* name() const { return name_; }
  // Of a name that is gone already, too.
  Result<void> remove() {
    kept_ = ::unlinkat(directory_, name_, 0) == 0 || errno == ENOENT;
    if (kept_) return {};
    return system_error(errno, "remove what was replaced,", name_);
  }
  // What has the name by now is not ours to remove.
  void keep() { kept_ = true; }

 private:
  int directory_;
  const char* name_;
  bool kept_ = false;
};

Result<void> copy_attribute(const Kernel& kernel, int from, int to, const char* attribute) {
  std::vector<std::byte> value(longest_list_of_names);
  const long length = kernel.xattr_of(from, attribute, value);
  if (length < 0) return system_error(static_cast<int>(-length), "read the attributes of", "");
  const int done = kernel.set_xattr_of(
      to, attribute, std::span<const std::byte>(value).first(static_cast<std::size_t>(length)));
  if (done != 0) return system_error(-done, "copy the attributes of", "");
  return {};
}

Result<void> copy_attributes(const Kernel& kernel, int from, int to) {
  std::vector<char> buffer(longest_list_of_names);
  const long length = kernel.xattr_names_of(from, buffer);
  if (length == -EOPNOTSUPP) return {};
  if (length < 0) return system_error(static_cast<int>(-length), "list the attributes of", "");
  for (long at = 0; at < length;) {
    const char* const attribute = buffer.data() + at;
    at += static_cast<long>(std::strlen(attribute)) + 1;
    if (!is_of_one_inode(attribute)) TRY(copy_attribute(kernel, from, to, attribute));
  }
  return {};
}

// Under the scratch name, as the old one is but for its text.
Result<Fd> make_link(const Kernel& kernel, int directory, const Scratch& scratch, int old,
                     const std::string& target) {
  TRY_ASSIGN(Fd made, take_hold(kernel, directory, scratch.name()));
  TRY_ASSIGN(const struct stat status, status_of(made.get(), making));
  const bool ours = S_ISLNK(status.st_mode) && status.st_nlink == 1 && status.st_uid == ::geteuid();
  if (!ours) return not_what_was_there(making);
  TRY_ASSIGN(const std::string text, link_text(made.get()));
  if (text != target) return not_what_was_there(making);
  TRY_ASSIGN(const struct stat before, status_of(old, replacing));
  if (status.st_uid != before.st_uid || status.st_gid != before.st_gid) {
    if (::fchownat(made.get(), "", before.st_uid, before.st_gid, AT_EMPTY_PATH) != 0) {
      return system_error(errno, "give away", "");
    }
  }
  TRY(copy_attributes(kernel, old, made.get()));
  return made;
}

}  // namespace

Result<Fd> KernelChanger::create(int directory, const char* name, Type type) {
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE, making));
  if (type == Type::file) return make_file(directory, name);
  if (type == Type::directory) return make_directory(kernel_, directory, name);
  return Error{ErrorKind::invalid, making, "", 0};
}

Result<Fd> KernelChanger::replace_link(int directory, const char* name, int held,
                                       const std::string& target, const char* scratch) {
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, replacing));
  if (::symlinkat(target.c_str(), directory, scratch) != 0) return name_error(making);
  Scratch own(directory, scratch);
  TRY_ASSIGN(Fd made, make_link(kernel_, directory, own, held, target));
  const Result<bool> taken = exchange_names(directory, own.name(), directory, name, held);
  if (!taken.ok()) return taken.error();
  if (!*taken) own.keep();
  if (!*taken) return not_what_was_there(replacing);
  if (const Result<void> gone = own.remove(); !gone.ok()) {
    // All or nothing: what could not be removed has its name again, and the new one is tried.
    (void)::renameat2(directory, own.name(), directory, name, RENAME_EXCHANGE);
    return gone.error();
  }
  return made;
}

Result<void> KernelChanger::remove(int directory, const char* name, int held, const Remove& how) {
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, removing));
  TRY_ASSIGN(const struct stat object, status_of(held, removing));
  TRY_ASSIGN(const bool there, has_name(directory, name, held, removing));
  const bool is_directory = S_ISDIR(object.st_mode);
  const bool file = S_ISREG(object.st_mode);
  const bool kept = how.kept && (file || S_ISLNK(object.st_mode));
  const bool may_go = is_directory || kept || (file && object.st_size == 0);
  if (!there) return not_what_was_there(removing);
  if (may_go && ::unlinkat(directory, name, is_directory ? AT_REMOVEDIR : 0) == 0) return {};
  if (!may_go || errno == ENOTEMPTY || errno == EEXIST) {
    return Error{ErrorKind::changed, removing, "", ENOTEMPTY};
  }
  return system_error(errno, removing, "");
}

}  // namespace permward
