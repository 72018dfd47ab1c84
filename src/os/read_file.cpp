// SPDX-License-Identifier: Apache-2.0
#include "os/read_file.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::size_t bytes_at_once = 64 * 1024;
constexpr const char* reading = "read in the root";

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

Result<std::string> read_file_of(PolicyTrust& way, const std::string& path, std::size_t most) {
  TRY_ASSIGN(const OpenedPolicy opened, way.open(path));
  if (opened.type == Type::directory) return system_error(EISDIR, reading, path);
  if (opened.type != Type::file) return system_error(EOPNOTSUPP, reading, path);
  TRY_ASSIGN(std::string text, read_up_to(opened.fd.get(), most + 1, path));
  if (text.size() > most) return system_error(EFBIG, reading, path);
  return text;
}

}  // namespace permward
