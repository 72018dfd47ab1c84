// SPDX-License-Identifier: Apache-2.0
#include "os/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::size_t bytes_at_once = 64 * 1024;

}  // namespace

Result<std::string> read_up_to(int fd, std::size_t most, const std::string& path) {
  std::string text;
  while (text.size() < most) {
    const std::size_t had = text.size();
    text.resize(std::min(had + bytes_at_once, most));
    const ssize_t count = ::read(fd, text.data() + had, text.size() - had);
    if (count < 0 && errno != EINTR) return system_error(errno, "read", path);
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) break;
  }
  return text;
}

}  // namespace permward
