// SPDX-License-Identifier: Apache-2.0
#include "os/content.hpp"

#include "base/fd.hpp"

#include <cerrno>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;
constexpr int most_readings = 3;
constexpr std::uint64_t block_bytes = 512;  // of st_blocks, whatever the file system's
// A file with more bytes than these must have stored a part of them.
constexpr std::uint64_t longest_hole = std::uint64_t{1} << 30;
constexpr std::uint64_t least_stored_part = 64;

// What changes when a file is written to.
auto version_of(const struct stat& status) {
  return std::make_tuple(status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                         status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

// What is taken of a file.
struct Bounds {
  std::uint64_t most = longest_content;
  Holes holes = Holes::bounded;
};

bool too_long(const struct stat& status, const Bounds& bounds) {
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t stored = static_cast<std::uint64_t>(status.st_blocks) * block_bytes;
  if (size > bounds.most || size > longest_content) return true;
  return bounds.holes == Holes::bounded && size > longest_hole && stored < size / least_stored_part;
}

// Where what is read goes to, beside the digest.
struct Target {
  int file = -1;  // none
  std::uint64_t offset = 0;
};

// Returns 0 or an errno.
int put(const Target& to, std::uint64_t at, std::string_view bytes) {
  while (to.file >= 0 && !bytes.empty()) {
    const ssize_t put =
        ::pwrite(to.file, bytes.data(), bytes.size(), static_cast<off_t>(to.offset + at));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    at += static_cast<std::uint64_t>(put);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

// What became of a pass: an errno of reading or of writing, or the file changed while it was read.
struct Passed {
  int read_error = 0;
  int write_error = 0;
  bool changed = false;
};

Passed pass(int file, char* piece, const Bounds& bounds, const Target& to,
            const std::atomic<bool>* stop, Copied& out) {
  struct stat before {};
  if (::fstat(file, &before) != 0) return {.read_error = errno};
  if (too_long(before, bounds)) return {.read_error = EFBIG};
  Sha256 sum;
  off_t at = 0;
  for (;;) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return {.read_error = EINTR};
    const ssize_t got = ::pread(file, piece, piece_bytes, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {.read_error = errno};
    if (got == 0) break;
    const std::string_view bytes(piece, static_cast<std::size_t>(got));
    if (at + got > before.st_size) return {.changed = true};
    if (const int error = put(to, static_cast<std::uint64_t>(at), bytes); error != 0) {
      return {.write_error = error};
    }
    at += got;
    sum.add(bytes);
  }
  struct stat after {};
  if (::fstat(file, &after) != 0) return {.read_error = errno};
  if (at != before.st_size || version_of(before) != version_of(after)) return {.changed = true};
  out = {sum.digest(), static_cast<std::uint64_t>(at)};
  return {};
}

Passed read_whole(const Kernel& kernel, int file, const Bounds& bounds, const Target& to,
                  const std::atomic<bool>* stop, Copied& out) {
  const int opened = kernel.open_to_read(file);
  if (opened < 0) return {.read_error = -opened};
  const Fd fd(opened);
  const auto piece = std::make_unique<char[]>(piece_bytes);
  for (int tries = 0; tries < most_readings; ++tries) {
    const Passed passed = pass(fd.get(), piece.get(), bounds, to, stop, out);
    if (!passed.changed) return passed;
  }
  return {.read_error = EBUSY};
}

}  // namespace

Readout<Sha256::Digest> content_digest(const Kernel& kernel, int file,
                                       const std::atomic<bool>* stop) {
  Copied read;
  const Passed passed = read_whole(kernel, file, {}, {}, stop, read);
  if (passed.read_error != 0) return {Read::unreadable, passed.read_error, {}};
  return {Read::value, 0, read.digest};
}

Result<Copied> copy_content(const Kernel& kernel, int file, std::uint64_t most, int to,
                            std::uint64_t offset, const std::atomic<bool>* stop, Holes holes) {
  Copied out;
  const Passed passed = read_whole(kernel, file, {most, holes}, {to, offset}, stop, out);
  if (passed.read_error != 0) return system_error(passed.read_error, "read", "");
  if (passed.write_error != 0) return system_error(passed.write_error, writing_copy, "");
  return out;
}

}  // namespace permward
