// SPDX-License-Identifier: Apache-2.0
#include "os/file_output.hpp"

#include <cerrno>
#include <cstddef>
#include <unistd.h>

namespace permward {

Result<void> write_all(int to, std::string_view bytes, const char* doing,
                       const std::string& subject) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(to, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno, doing, subject);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> sync_file(int fd, const char* doing, const std::string& subject) {
  int result = 0;
  do {
    result = ::fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? Result<void>() : system_error(errno, doing, subject);
}

Result<void> sync_directory(int fd, const char* doing, const std::string& subject) {
  Result<void> done = sync_file(fd, doing, subject);
  if (!done.ok() && done.error().number == EINVAL) return {};
  return done;
}

}  // namespace permward
