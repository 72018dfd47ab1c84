// SPDX-License-Identifier: Apache-2.0
#include "bench/literals_floor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace permward::bench {
namespace {

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

void look(const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  const auto file =
      static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how));
  if (file < 0) fail("open " + path);
  struct statx status {};
  if (statx(file, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_NLINK,
            &status) != 0) {
    fail("statx " + path);
  }
  close(file);
}

}  // namespace

std::uint64_t look_at_each(const std::string& list) {
  std::ifstream in(list);
  if (!in) fail("open " + list);
  std::uint64_t count = 0;
  for (std::string path; std::getline(in, path); ++count) look(path);
  return count;
}

}  // namespace permward::bench
