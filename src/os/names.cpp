// SPDX-License-Identifier: Apache-2.0
#include "os/names.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace permward {
namespace {

bool same_object(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

Error not_what_was_there(const char* doing) { return {ErrorKind::changed, doing, "", 0}; }

Error name_error(const char* doing) {
  return errno == EEXIST ? Error{ErrorKind::changed, doing, "", EEXIST}
                         : system_error(errno, doing, "");
}

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

Result<bool> has_name(int directory, const char* name, int held, const char* doing) {
  TRY_ASSIGN(const struct stat object, status_of(held, doing));
  struct stat named {};
  if (::fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    return system_error(errno, doing, "");
  }
  return same_object(object, named);
}

Result<bool> exchange_names(int from, const char* scratch, int directory, const char* name,
                            int old) {
  struct stat own {};
  if (::fstatat(from, scratch, &own, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error(errno, replacing, "");
  }
  const auto exchange = [&] {
    return ::renameat2(from, scratch, directory, name, RENAME_EXCHANGE) == 0;
  };
  // Somebody may have renamed between the two.
  const auto is_own_again = [&] {
    struct stat now {};
    return ::fstatat(from, scratch, &now, AT_SYMLINK_NOFOLLOW) == 0 && same_object(own, now);
  };
  if (exchange()) {
    const Result<bool> was_there = has_name(from, scratch, old, replacing);
    if (was_there.ok() && *was_there) return true;
    if (!exchange() || !is_own_again()) return false;
    return not_what_was_there(replacing);
  }
  if (errno == ENOENT) return not_what_was_there(replacing);
  if (errno != EINVAL && errno != ENOSYS) return system_error(errno, replacing, "");
  TRY_ASSIGN(const bool there, has_name(directory, name, old, replacing));
  if (!there) return not_what_was_there(replacing);
  if (::renameat(from, scratch, directory, name) == 0) return true;
  return system_error(errno, replacing, "");
}

}  // namespace permward
