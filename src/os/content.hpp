// SPDX-License-Identifier: Apache-2.0
//
// The content of a file: its digest, and copies of it. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"

#include <atomic>
#include <cstdint>

namespace permward {

// A file that is longer is not hashed: a sparse one can be as long as its owner likes.
inline constexpr std::uint64_t longest_content = std::uint64_t{64} << 30;

// The SHA-256 of the file behind `file`, any descriptor of it, O_PATH too; read in pieces, never
// mapped, so that whoever cuts it meanwhile does no harm. `unreadable`, with the error: EFBIG
// longer than `longest_content` or, where most of it is holes, than can be waited for; EBUSY
// written to all the while; EINTR `stop` became true; EWOULDBLOCK another process holds a write
// lease; others of open(2) and read(2).
[[nodiscard]] Readout<Sha256::Digest> content_digest(const Kernel& kernel, int file,
                                                     const std::atomic<bool>* stop);

// What was being done, in errors that are not the file's but the copy's.
inline constexpr const char* writing_copy = "write the copy of";

// Whether a file goes in too of which most is holes, and which is longer than can be waited for.
enum class Holes : std::uint8_t { bounded, any };

struct Copied {
  Sha256::Digest digest{};
  std::uint64_t size = 0;
};

// The same pass, in which the content is also written to `to`, a file of the caller's own, from
// `offset` on; what stands there when it fails means nothing. Errors: those above as errors of
// "read", EFBIG also of a file of over `most` bytes; where it may have any holes that bounds it
// alone; those of pwrite(2), of `writing_copy`.
// Neither names a subject.
[[nodiscard]] Result<Copied> copy_content(const Kernel& kernel, int file, std::uint64_t most,
                                          int to, std::uint64_t offset,
                                          const std::atomic<bool>* stop,
                                          Holes holes = Holes::bounded);

}  // namespace permward
