// SPDX-License-Identifier: Apache-2.0
#include "model/shared_path.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t piece = SharedPath::piece_size;

int sign(int value) { return value < 0 ? -1 : (value > 0 ? 1 : 0); }

// Lengths about those at which a path gets a further piece, and few different bytes, so that many
// pairs have long beginnings in common.
std::vector<std::string> texts() {
  std::vector<std::string> out = {""};
  std::mt19937 random(7);
  for (const std::size_t length : {std::size_t{1}, piece - 1, piece, piece + 1, 2 * piece - 1,
                                   2 * piece, 2 * piece + 1, 3 * piece, 3 * piece + 5}) {
    std::string text(length, 'b');
    out.push_back(text);
    for (int i = 0; i < 4; ++i) {
      std::string other = text;
      other[random() % length] = "a\xff/"[i % 3];
      out.push_back(other);
    }
  }
  return out;
}

TEST_CASE("a path is the text it was made of, whole or shared") {
  SharedPaths paths;
  for (const std::string& text : texts()) {
    const SharedPath whole(text);
    const SharedPath shared = paths.share(text);
    REQUIRE(whole.text() == text);
    REQUIRE(shared.text() == text);
    REQUIRE(whole.size() == text.size());
    REQUIRE(shared.size() == text.size());
    REQUIRE(shared.empty() == text.empty());
  }
}

TEST_CASE("paths are ordered as their bytes are, whichever way they were made") {
  SharedPaths one;
  SharedPaths other;
  for (const std::string& a : texts()) {
    for (const std::string& b : texts()) {
      const int order = sign(a.compare(b));
      REQUIRE(sign(SharedPath(a).compare(SharedPath(b))) == order);
      REQUIRE(sign(one.share(a).compare(one.share(b))) == order);
      REQUIRE(sign(one.share(a).compare(other.share(b))) == order);
      REQUIRE((one.share(a) == SharedPath(b)) == (order == 0));
      REQUIRE((one.share(a) < SharedPath(b)) == (order < 0));
    }
  }
}

TEST_CASE("paths outlive what made them, and each other") {
  SharedPath kept;
  {
    SharedPaths paths;
    const SharedPath shorter = paths.share(std::string(2 * piece, 'x'));
    kept = paths.share(std::string(3 * piece + 1, 'x'));
    REQUIRE(shorter < kept);
  }
  REQUIRE(kept.text() == std::string(3 * piece + 1, 'x'));
}

TEST_CASE("a path of 200 MiB is let go without a deep stack") {
  constexpr std::size_t pieces = 200 * 1024;
  SharedPath path(std::string(pieces * piece, 'x'));
  REQUIRE(path.size() == pieces * piece);
  path = SharedPath();
  REQUIRE(path.empty());
}

}  // namespace
}  // namespace permward
