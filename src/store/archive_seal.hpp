// SPDX-License-Identifier: Apache-2.0
//
// What an archive ends with: the SHA-256 of all that lies before, in a frame that whoever
// decompresses it skips. zstd has no checksum of what it has compressed, and some bytes of it may
// differ without a difference in what comes out. Layer `store`; pure. RFC 8878, 3.1.
#pragma once

#include "base/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

inline constexpr std::size_t seal_size = 40;  // bytes

[[nodiscard]] std::string seal_of(const Sha256::Digest& before);

// Looks for the seal among the frames of an archive as it is read. What looks like one within a
// frame is content, which anybody may have chosen.
class SealSearch {
 public:
  void follow(std::string_view bytes);

  // Once all was followed: whether the frames are whole, and there is no seal among them, as in
  // what somebody else has compressed, or one that holds, and nothing behind it.
  [[nodiscard]] bool holds() const;

 private:
  // What begins next, or has begun.
  enum class In : std::uint8_t { frame, descriptor, block, skipped, seal, end, broken };

  [[nodiscard]] std::size_t part_size() const;
  void take_part();
  void take_frame();
  void take_descriptor();
  void take_block();
  void take_skipped();
  void go_on(In next, std::uint64_t passed_over);

  Sha256 before_;
  In in_ = In::frame;
  std::string part_;        // of what has begun, as far as it is there
  std::uint64_t left_ = 0;  // bytes to be passed over before that
  bool checksum_ = false;   // whether one ends the frame
};

}  // namespace permward
