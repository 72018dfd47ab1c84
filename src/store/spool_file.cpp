// SPDX-License-Identifier: Apache-2.0
#include "store/spool_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace permward {
namespace {

constexpr std::uint64_t most_in_memory = std::uint64_t{64} << 20;
constexpr const char* place_of_large_files = "/var/tmp";

}  // namespace

Result<Fd> spool_file(std::uint64_t bytes) {
  if (bytes > most_in_memory) {
    Fd out(::open(place_of_large_files, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (out) return out;
  }
  Fd out(::memfd_create("permward", MFD_CLOEXEC));
  if (out) return out;
  return system_error(errno, "make", "a file for what is to be restored");
}

Result<void> append_to_spool(Spool& to, int from, std::uint64_t begin, std::uint64_t size) {
  std::vector<char> room(std::size_t{256} << 10);
  while (size > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), size));
    const ssize_t got = ::pread(from, room.data(), wanted, static_cast<off_t>(begin));
    const ssize_t moved = got <= 0 ? got
                                   : ::pwrite(to.file, room.data(), static_cast<std::size_t>(got),
                                              static_cast<off_t>(to.end));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return system_error(moved < 0 ? errno : EIO, "copy", "what is to be restored");
    const auto bytes = static_cast<std::uint64_t>(moved);
    begin += bytes;
    to.end += bytes;
    size -= bytes;
  }
  return {};
}

}  // namespace permward
