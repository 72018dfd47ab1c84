// SPDX-License-Identifier: Apache-2.0
#include "model/capabilities.hpp"

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace permward {
namespace {

std::vector<std::byte> words(const std::vector<std::uint32_t>& values) {
  std::vector<std::byte> out;
  for (std::uint32_t value : values) {
    for (int i = 0; i < 4; ++i, value >>= 8) out.push_back(std::byte(value & 0xff));
  }
  return out;
}

TEST_CASE("the value of every revision is read") {
  const FileCapabilities net_raw{1U << 13, 0, true, 0};
  CHECK(parse_capabilities(words({0x01000001, 1U << 13, 0})) == net_raw);
  CHECK(parse_capabilities(words({0x02000001, 1U << 13, 0, 0, 0})) == net_raw);
  CHECK(parse_capabilities(words({0x03000001, 1U << 13, 0, 0, 0, 0})) == net_raw);
  const FileCapabilities all{0x1ffffffffff, 0x100000001, false, 100000};
  CHECK(parse_capabilities(words({0x03000000, 0xffffffff, 1, 0x1ff, 1, 100000})) == all);
  CHECK(parse_capabilities(words({0x02000000, 0, 0, 0, 0})) == FileCapabilities{});
}

TEST_CASE("what is no such value is none") {
  CHECK_FALSE(parse_capabilities({}));
  CHECK_FALSE(parse_capabilities(words({0x02000001})));
  CHECK_FALSE(parse_capabilities(words({0x02000001, 1, 0, 0})));
  CHECK_FALSE(parse_capabilities(words({0x02000001, 1, 0, 0, 0, 0})));
  CHECK_FALSE(parse_capabilities(words({0x03000001, 1, 0, 0, 0})));
  CHECK_FALSE(parse_capabilities(words({0x04000001, 1, 0, 0, 0})));
  CHECK_FALSE(parse_capabilities(words({0, 1, 0})));
  std::vector<std::byte> ragged = words({0x02000001, 1, 0, 0, 0});
  ragged.pop_back();
  CHECK_FALSE(parse_capabilities(ragged));
}

TEST_CASE("what is written is the shortest value that says it") {
  CHECK(encode_capabilities({1U << 13, 0, true, 0}) == words({0x02000001, 1U << 13, 0, 0, 0}));
  CHECK(encode_capabilities({}) == words({0x02000000, 0, 0, 0, 0}));
  CHECK(encode_capabilities({0x1ffffffffff, 0x100000001, false, 100000}) ==
        words({0x03000000, 0xffffffff, 1, 0x1ff, 1, 100000}));
}

TEST_CASE("what is written reads back") {
  const std::vector<std::uint64_t> sets = {0, 1, 0x80000000, 0x100000000, 0x1ffffffffff, ~0ULL};
  for (const std::uint64_t permitted : sets) {
    for (const std::uint64_t inheritable : sets) {
      for (const bool effective : {false, true}) {
        for (const std::uint32_t root_id : {0U, 1U, 100000U, 0xfffffffeU}) {
          const FileCapabilities one{permitted, inheritable, effective, root_id};
          CHECK(parse_capabilities(encode_capabilities(one)) == one);
        }
      }
    }
  }
}

TEST_CASE("capabilities are shown as getcap shows them") {
  CHECK(capabilities_text({}) == "none");
  CHECK(capabilities_text(FileCapabilities{}) == "=");
  CHECK(capabilities_text(FileCapabilities{3U << 12, 0, true, 0}) ==
        "cap_net_admin,cap_net_raw=ep");
  CHECK(capabilities_text(FileCapabilities{1, 3, false, 0}) == "cap_chown=ip cap_dac_override=i");
  CHECK(capabilities_text(FileCapabilities{std::uint64_t{1} << 40, 0, true, 7}) ==
        "cap_checkpoint_restore=ep [rootid=7]");
  CHECK(capabilities_text(FileCapabilities{std::uint64_t{1} << 63, 0, false, 0}) == "cap_63=p");
}

}  // namespace
}  // namespace permward
