// SPDX-License-Identifier: Apache-2.0
//
// What an archive ends with: the SHA-256 of all that lies before, in a frame that whoever
// decompresses it skips. zstd has no checksum of what it has compressed, and some bytes of it may
// differ without a difference in what comes out. Layer `store`; pure. RFC 8878, 3.1.2.
#pragma once

#include "base/sha256.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

inline constexpr std::size_t seal_size = 40;  // bytes

[[nodiscard]] std::string seal_of(const Sha256::Digest& before);

// Looks for the seal of an archive as it is read.
class SealSearch {
 public:
  void follow(std::string_view bytes);

  // Once all was followed: whether there is no seal, as in what somebody else has compressed, or
  // one that holds, and nothing behind it.
  [[nodiscard]] bool holds() const { return in_ != In::seal && in_ != In::broken; }

 private:
  enum class In : unsigned char { archive, seal, end, broken };

  void look_for_begin();
  void compare();

  Sha256 before_;
  std::string kept_;  // what may be a part of the seal
  In in_ = In::archive;
};

}  // namespace permward
