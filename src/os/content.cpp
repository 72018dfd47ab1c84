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
constexpr int most_tries = 3;
constexpr std::uint64_t block_bytes = 512;  // of st_blocks, whatever the file system's
// A file with more bytes than these must have stored a part of them.
constexpr std::uint64_t longest_hole = std::uint64_t{1} << 30;
constexpr std::uint64_t least_stored_part = 64;

// What changes when a file is written to.
auto version_of(const struct stat& status) {
  return std::make_tuple(status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                         status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

bool too_long(const struct stat& status) {
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t stored = static_cast<std::uint64_t>(status.st_blocks) * block_bytes;
  return size > longest_content || (size > longest_hole && stored < size / least_stored_part);
}

Readout<Sha256::Digest> unreadable(int error) { return {Read::unreadable, error, {}}; }

// One pass. Returns 0, an errno, or `changed`: the file did while it was read.
constexpr int changed = -1;
int hash(int file, char* piece, const std::atomic<bool>* stop, Sha256::Digest& out) {
  struct stat before {};
  if (::fstat(file, &before) != 0) return errno;
  if (too_long(before)) return EFBIG;
  Sha256 sum;
  off_t at = 0;
  for (;;) {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return EINTR;
    const ssize_t got = ::pread(file, piece, piece_bytes, at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    at += got;
    if (at > before.st_size) return changed;
    sum.add(std::string_view(piece, static_cast<std::size_t>(got)));
  }
  struct stat after {};
  if (::fstat(file, &after) != 0) return errno;
  if (at != before.st_size || version_of(before) != version_of(after)) return changed;
  out = sum.digest();
  return 0;
}

}  // namespace

Readout<Sha256::Digest> content_digest(const Kernel& kernel, int file,
                                       const std::atomic<bool>* stop) {
  const int opened = kernel.open_to_read(file);
  if (opened < 0) return unreadable(-opened);
  const Fd fd(opened);
  const auto piece = std::make_unique<char[]>(piece_bytes);
  for (int tries = 0; tries < most_tries; ++tries) {
    Readout<Sha256::Digest> out{Read::value, 0, {}};
    const int error = hash(fd.get(), piece.get(), stop, out.value);
    if (error == 0) return out;
    if (error != changed) return unreadable(error);
  }
  return unreadable(EBUSY);
}

}  // namespace permward
