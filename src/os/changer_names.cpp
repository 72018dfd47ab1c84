// SPDX-License-Identifier: Apache-2.0
//
// What is done to a name: `changer.hpp`.
#include "os/changer.hpp"
#include "os/directory.hpp"

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

constexpr const char* making = "make";
constexpr const char* replacing = "replace";
constexpr const char* removing = "remove";

// Bound to one inode, by a key that the kernel alone has: of another one they are wrong.
constexpr std::array<std::string_view, 2> attributes_of_one_inode = {"security.evm",
                                                                     "security.ima"};
constexpr std::size_t longest_list_of_names = 65536;  // XATTR_LIST_MAX: xattr(7)

Error not_what_was_there(const char* doing) { return {ErrorKind::changed, doing, "", 0}; }

// What a call that made or replaced a name failed with.
Error name_error(const char* doing) {
  return errno == EEXIST ? Error{ErrorKind::changed, doing, "", EEXIST}
                         : system_error(errno, doing, "");
}

// Immutable or append-only bars what is to be done to names in the directory: `bars` are the
// attributes that do. Asked before anything is done: in an append-only directory a scratch name can
// be made, and never be taken away again.
Result<void> names_may_change(int directory, std::uint64_t bars, const char* doing) {
  struct statx status {};
  if (::statx(directory, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_TYPE, &status) != 0) {
    return system_error(errno, doing, "");
  }
  const std::uint64_t barred = status.stx_attributes & bars;
  if (barred == 0) return {};
  const bool immutable = (barred & STATX_ATTR_IMMUTABLE) != 0;
  return system_error(EPERM, std::string(doing) + " a name in a directory that is",
                      immutable ? "immutable" : "append-only");
}

Result<struct stat> status_of(int descriptor, const char* doing) {
  struct stat out {};
  if (::fstatat(descriptor, "", &out, AT_EMPTY_PATH) != 0) return system_error(errno, doing, "");
  return out;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether the name is of what `held` holds.
Result<bool> names(int directory, const char* name, int held, const char* doing) {
  TRY_ASSIGN(const struct stat object, status_of(held, doing));
  struct stat named {};
  if (::fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return system_error(errno, doing, "");
  }
  return same(object, named);
}

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
    const bool bound = std::find(attributes_of_one_inode.begin(), attributes_of_one_inode.end(),
                                 attribute) != attributes_of_one_inode.end();
    if (!bound) TRY(copy_attribute(kernel, from, to, attribute));
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

// Both names change places; where what had the name was something else, they change back. A file
// system that cannot do that looks first.
Result<void> take_place(int directory, const char* name, int old, Scratch& scratch) {
  const auto exchange = [&] {
    return ::renameat2(directory, scratch.name(), directory, name, RENAME_EXCHANGE) == 0;
  };
  if (exchange()) {
    const Result<bool> was_there = names(directory, scratch.name(), old, replacing);
    if (was_there.ok() && *was_there) return {};
    if (!exchange()) scratch.keep();
    return not_what_was_there(replacing);
  }
  if (errno == ENOENT) return not_what_was_there(replacing);
  if (errno != EINVAL && errno != ENOSYS) return system_error(errno, replacing, "");
  TRY_ASSIGN(const bool there, names(directory, name, old, replacing));
  if (!there) return not_what_was_there(replacing);
  if (::renameat(directory, scratch.name(), directory, name) == 0) return {};
  return system_error(errno, replacing, "");
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
  TRY(take_place(directory, name, held, own));
  if (const Result<void> gone = own.remove(); !gone.ok()) {
    // All or nothing: what could not be removed has its name again, and the new one is tried.
    (void)::renameat2(directory, own.name(), directory, name, RENAME_EXCHANGE);
    return gone.error();
  }
  return made;
}

Result<void> KernelChanger::remove(int directory, const char* name, int held) {
  TRY(names_may_change(directory, STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, removing));
  TRY_ASSIGN(const struct stat object, status_of(held, removing));
  TRY_ASSIGN(const bool there, names(directory, name, held, removing));
  const bool is_directory = S_ISDIR(object.st_mode);
  const bool empty = is_directory || (S_ISREG(object.st_mode) && object.st_size == 0);
  if (!there) return not_what_was_there(removing);
  if (empty && ::unlinkat(directory, name, is_directory ? AT_REMOVEDIR : 0) == 0) return {};
  if (!empty || errno == ENOTEMPTY || errno == EEXIST) {
    return Error{ErrorKind::changed, removing, "", ENOTEMPTY};
  }
  return system_error(errno, removing, "");
}

}  // namespace permward
