// SPDX-License-Identifier: Apache-2.0
#include "store/spool_file.hpp"

#include "os/content.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace permward {
namespace {

constexpr std::uint64_t most_in_memory = std::uint64_t{64} << 20;
// Not in memory, where it is; the other one where a system has not that, or has it read-only.
constexpr std::array<const char*, 2> places_of_large_files = {"/var/tmp", "/tmp"};

// Where a file system has no files without a name.
Fd named_for_a_moment(const char* place) {
  std::string name = std::string(place) + "/permward-XXXXXX";
  Fd out(::mkostemp(name.data(), O_CLOEXEC));
  if (out) (void)::unlink(name.c_str());
  return out;
}

}  // namespace

bool fits_in_memory(std::uint64_t bytes) { return bytes <= most_in_memory; }

Result<Fd> spool_file(std::uint64_t bytes) {
  if (fits_in_memory(bytes)) {
    Fd out(::memfd_create("permward", MFD_CLOEXEC));
    if (!out) return system_error(errno, making_spool, "memory");
    return out;
  }
  int last = 0;
  for (const char* const place : places_of_large_files) {
    Fd out(::open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!out && (errno == EOPNOTSUPP || errno == EISDIR)) out = named_for_a_moment(place);
    if (out) return out;
    last = errno;
  }
  return system_error(last, making_spool, places_of_large_files[0]);
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
    if (moved <= 0) {
      return system_error(moved < 0 ? errno : EIO, got > 0 ? writing_copy : "read",
                          "what is to be restored");
    }
    const auto bytes = static_cast<std::uint64_t>(moved);
    begin += bytes;
    to.end += bytes;
    size -= bytes;
  }
  return {};
}

}  // namespace permward
