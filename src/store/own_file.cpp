// SPDX-License-Identifier: Apache-2.0
#include "store/own_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr mode_t own_file_mode = 0600;
constexpr mode_t others_write_files = 022;

Result<void> make_file(int directory, const char* name, const std::string& path) {
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Fd made(::openat(directory, name, flags, own_file_mode));
  if (!made && errno == EEXIST) return {};
  if (!made) return system_error(errno, "create", path);
  // Some file systems cannot sync a directory: then its name is as durable as they make it.
  (void)::fsync(directory);
  return {};
}

Result<void> judge(const struct stat& facts, const std::string& path) {
  const auto refused = [&path](const std::string& what) {
    return Error{ErrorKind::insecure_path, "use " + what + ",", path, 0};
  };
  if (S_ISLNK(facts.st_mode)) return refused("what is a link");
  if (!S_ISREG(facts.st_mode)) return refused("what is no regular file");
  if (facts.st_uid != ::geteuid()) {
    return refused("a file of user " + std::to_string(facts.st_uid));
  }
  if ((facts.st_mode & others_write_files) != 0) return refused("a file that others may write");
  return {};
}

Result<struct stat> judged_facts(const StateDir& directory, const char* name) {
  const std::string path = directory.path_of(name);
  struct stat out {};
  if (::fstatat(directory.get(), name, &out, AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error(errno, "look at", path);
  }
  TRY(judge(out, path));
  return out;
}

}  // namespace

Result<void> require_own_file(const StateDir& directory, const char* name,
                              StateDir::Missing missing) {
  const std::string path = directory.path_of(name);
  if (missing == StateDir::Missing::is_created) TRY(make_file(directory.get(), name, path));
  TRY_ASSIGN(const struct stat facts, judged_facts(directory, name));
  if ((facts.st_mode & 07777) == own_file_mode) return {};
  if (::fchmodat(directory.get(), name, own_file_mode, 0) != 0) {
    return system_error(errno, "set the mode of", path);
  }
  return {};
}

Result<std::uint64_t> judge_own_file(const StateDir& directory, const char* name) {
  TRY_ASSIGN(const struct stat facts, judged_facts(directory, name));
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace permward
