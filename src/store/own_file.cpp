// SPDX-License-Identifier: Apache-2.0
#include "store/own_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr mode_t own_mode = 0600;
constexpr mode_t others_write = 022;
constexpr mode_t others_all = 077;

Error refused(const std::string& what, const std::string& path) {
  return Error{ErrorKind::insecure_path, "use " + what + ",", path, 0};
}

// A FIFO would not block an opening for both, and a device is root's; but neither is a file.
Result<void> judge(int file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return system_error(errno, "look at", path);
  if (!S_ISREG(facts.st_mode)) return refused("what is no regular file", path);
  if (facts.st_uid != ::geteuid()) {
    return refused("a file of user " + std::to_string(facts.st_uid), path);
  }
  if ((facts.st_mode & others_write) != 0) return refused("a file that others may write", path);
  // Also of one that a umask has made narrower than it is to be.
  if ((facts.st_mode & others_all) == 0 && (facts.st_mode & own_mode) == own_mode) return {};
  if (::fchmod(file, own_mode) != 0) return system_error(errno, "set the mode of", path);
  return {};
}

}  // namespace

Result<Fd> open_own_file(const StateDir& directory, const char* name) {
  const std::string path = directory.path_of(name);
  constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Fd file(::openat(directory.get(), name, flags, own_mode));
  if (!file) return system_error(errno, "open", path);
  TRY(judge(file.get(), path));
  return file;
}

}  // namespace permward
