// SPDX-License-Identifier: Apache-2.0
#include "store/archive_seal.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

using namespace permward;

namespace {

std::string sealed(const std::string& bytes) {
  return bytes + seal_of(Sha256().add(bytes).digest());
}

// In one piece, and in pieces of each of some sizes.
bool holds(const std::string& bytes) {
  const auto follows = [&bytes](std::size_t piece) {
    SealSearch search;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      search.follow(std::string_view(bytes).substr(at, piece));
    }
    return search.holds();
  };
  const bool out = follows(bytes.size() + 1);
  for (const std::size_t piece : {1U, 7U, 8U, 39U, 40U, 41U}) CHECK(follows(piece) == out);
  return out;
}

// A frame of zstd with blocks that are not compressed; `flags`: its descriptor.
std::string frame(const std::string& content, unsigned flags = 0x20) {
  const bool one_segment = (flags & 0x20) != 0;
  const std::size_t size_bytes = std::array{one_segment ? 1U : 0U, 2U, 4U, 8U}[flags >> 6];
  const std::size_t rest =
      (one_segment ? 0 : 1) + std::array{0U, 1U, 2U, 4U}[flags & 3] + size_bytes;
  std::string out("\x28\xb5\x2f\xfd", 4);
  out += static_cast<char>(flags);
  out += std::string(rest, 'h');
  out += std::string("\x0a\0\0z", 4);  // one byte that is repeated
  const std::size_t header = content.size() << 3 | 1;
  for (int shift = 0; shift < 24; shift += 8) out += static_cast<char>(header >> shift & 0xff);
  out += content;
  if ((flags & 4) != 0) out += "sums";
  return out;
}

const std::string looks_like_a_seal = seal_of(Sha256().add("anything").digest());

}  // namespace

TEST_CASE("a seal of what lies before it holds") {
  REQUIRE(seal_of({}).size() == seal_size);
  REQUIRE(holds(seal_of(Sha256().digest())));
  for (unsigned flags = 0; flags < 256; flags += 1 + flags % 3) {
    INFO(flags);
    REQUIRE(holds(sealed(frame("content", flags))));
  }
  REQUIRE(holds(sealed(frame("one") + frame("another") + frame(""))));
}

TEST_CASE("what lies within a frame is content, whatever it looks like") {
  REQUIRE(holds(sealed(frame(looks_like_a_seal))));
  REQUIRE(holds(frame("x" + looks_like_a_seal + looks_like_a_seal)));
}

TEST_CASE("what has no seal has none to be broken") {
  REQUIRE(holds(""));
  REQUIRE(holds(frame("content")));
  // As some programs write where the next frame is.
  const std::string where("\x5f\x2a\x4d\x18\x04\0\0\0size", 12);
  REQUIRE(holds(where + frame("content")));
  REQUIRE(holds(sealed(where + frame("content"))));
}

TEST_CASE("a seal of anything else, or a part of one, does not hold") {
  const std::string whole = sealed(frame("content"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string other = whole;
      other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ 1U << bit);
      INFO(at);
      REQUIRE_FALSE(holds(other));
    }
  }
  for (std::size_t size = 1; size < seal_size; ++size) {
    REQUIRE_FALSE(holds(whole.substr(0, whole.size() - size)));
  }
}

TEST_CASE("nothing lies behind a seal") {
  const std::string whole = sealed(frame("x"));
  REQUIRE_FALSE(holds(whole + '\0'));
  REQUIRE_FALSE(holds(whole + whole));
  REQUIRE_FALSE(holds(whole + frame("")));
  REQUIRE_FALSE(holds(whole + looks_like_a_seal));
}
