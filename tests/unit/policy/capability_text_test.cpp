// SPDX-License-Identifier: Apache-2.0
#include "policy/capability_text.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

FileCapabilities read(const std::string& text) {
  const auto want = parse_capabilities_text(text);
  REQUIRE(want);
  REQUIRE(want->value);
  return *want->value;
}

TEST_CASE("capabilities are compared by what they mean") {
  const FileCapabilities bind{1U << 10, 0, true, 0};
  CHECK(read("cap_net_bind_service=ep") == bind);
  CHECK(read("CAP_NET_BIND_SERVICE=pe") == bind);
  CHECK(read("= cap_net_bind_service+ep") == bind);
  CHECK(read("10=ep") == bind);
  CHECK(read("cap_chown=p cap_kill=i") == FileCapabilities{1, 1U << 5, false, 0});
  CHECK(read("=") == FileCapabilities{});
  CHECK_FALSE(parse_capabilities_text("")->value);
}

TEST_CASE("what is shown of capabilities is read again as the same") {
  std::uint64_t random = 88172645463325252;
  for (int i = 0; i < 500; ++i) {
    const auto next = [&random] {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      return random;
    };
    FileCapabilities some;
    some.permitted = next() & next() & 0x1ffffffffff;
    some.inheritable = next() & next() & 0x1ffffffffff;
    some.effective = next() % 2 == 0;
    INFO(capabilities_text(some));
    CHECK(read(capabilities_text(some)) == some);
  }
  for (unsigned number = 0; number <= 40; ++number) {
    const FileCapabilities one{std::uint64_t{1} << number, 0, true, 0};
    INFO(capabilities_text(one));
    CHECK(read(capabilities_text(one)) == one);
  }
}

TEST_CASE("what a file cannot have is refused") {
  CHECK(places(load_rule("capabilities = 'cap_nonsense=ep'")) == Strings{"E0451 5:17"});
  CHECK(places(load_rule("capabilities = 'cap_chown'")) == Strings{"E0451 5:17"});
  CHECK(places(load_rule("capabilities = 'cap_chown=ep cap_kill=p'")) == Strings{"E0451 5:17"});
  CHECK(places(load_rule("capabilities = 'cap_chown=e'")) == Strings{"E0451 5:17"});
  CHECK(places(load_rule("capabilities = \"cap_chown=ep\\u0000\"")) == Strings{"E0451 5:16"});
  CHECK(places(load_rule("capabilities = []")) == Strings{"E0202 5:16"});
  CHECK(places(load_rule("type = 'directory'\ncapabilities = ''")) == Strings{"E0501 6:1"});
  CHECK(want_of<TypeWant>(load_rule("capabilities = ''"), Aspect::type).allowed ==
        TypeSet(Type::file));
}

}  // namespace
}  // namespace permward::test
