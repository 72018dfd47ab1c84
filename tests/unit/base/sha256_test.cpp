// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace permward {
namespace {

TEST_CASE("digests are those of FIPS 180-4") {
  struct Row {
    std::string_view bytes;
    std::string_view digest;
  };
  const Row table[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  for (const auto& [bytes, digest] : table) REQUIRE(sha256_hex(bytes) == digest);
}

TEST_CASE("a digest does not depend on how the bytes were cut") {
  const std::string million(1000000, 'a');
  Sha256 hash;
  for (std::size_t at = 0, step = 1; at < million.size(); at += step, step = step % 997 + 1) {
    hash.add(std::string_view(million).substr(at, step));
  }
  const std::string in_parts = hex(hash.digest());
  REQUIRE(in_parts == sha256_hex(million));
  REQUIRE(in_parts == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a NUL is a byte like any other in a digest") {
  REQUIRE(sha256_hex(std::string_view("a\0b", 3)) != sha256_hex("a"));
}

}  // namespace
}  // namespace permward
