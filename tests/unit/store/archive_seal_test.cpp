// SPDX-License-Identifier: Apache-2.0
#include "store/archive_seal.hpp"

#include "support/catch.hpp"

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

}  // namespace

TEST_CASE("a seal of what lies before it holds") {
  REQUIRE(seal_of({}).size() == seal_size);
  for (const std::string& bytes : {std::string("x"), std::string(seal_size, 'x'),
                                   std::string(1000, '\x50'), std::string("\x2a\x4d\x18")}) {
    REQUIRE(holds(sealed(bytes)));
  }
}

TEST_CASE("what has no seal has none to be broken") {
  REQUIRE(holds(""));
  REQUIRE(holds("x"));
  REQUIRE(holds(std::string(1000, 'x')));
  // The number is of no frame that is skipped.
  REQUIRE(holds(std::string("\x60\x2a\x4d\x18\x20\0\0\0", 8) + std::string(32, 'x')));
}

TEST_CASE("a seal of anything else, or a part of one, does not hold") {
  const std::string whole = sealed(std::string(100, 'x'));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 1);
    // What is no begin of a seal any more is none that can be skipped either: zstd says so.
    const bool no_seal = at > 100 && at < 108;
    INFO(at);
    REQUIRE(holds(other) == no_seal);
  }
  for (std::size_t size = 1; size <= 32; ++size) {
    REQUIRE_FALSE(holds(whole.substr(0, whole.size() - size)));
  }
}

TEST_CASE("nothing lies behind a seal") {
  const std::string whole = sealed("x");
  REQUIRE_FALSE(holds(whole + '\0'));
  REQUIRE_FALSE(holds(whole + whole));
  REQUIRE_FALSE(holds(whole + std::string(100, 'x')));
}
