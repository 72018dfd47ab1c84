// SPDX-License-Identifier: Apache-2.0
// ACL entries in every spelling.
#include "policy/acl_text.hpp"
#include "support/property.hpp"

#include <string>
#include <vector>

namespace permward::test {
namespace {

TEST_CASE("an entry is read as what it spells") {
  check_property("spellings of ACL entries", 3000, 50000, [] {
    static const std::vector<std::string> users = {"user", "u"};
    static const std::vector<std::string> groups = {"group", "g"};
    const bool user = *rc::gen::arbitrary<bool>();
    const std::string tag = *rc::gen::elementOf(user ? users : groups);
    const std::string account = *rc::gen::element<std::string>("root", "0", "4294967294", "a-b.c$");
    std::string letters;
    unsigned permissions = 0;
    bool x_if_any_x = false;
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
      const char c = *rc::gen::element('r', 'w', 'x', 'X', '-');
      if (c != '-' && letters.find(c) != std::string::npos) continue;
      letters += c;
      permissions |= c == 'r' ? 4U : c == 'w' ? 2U : c == 'x' ? 1U : 0U;
      x_if_any_x = x_if_any_x || c == 'X';
    }
    const std::string text = tag + ":" + account + ":" + letters;
    const auto entry = parse_acl_entry(text, AclKind::access);
    RC_ASSERT(static_cast<bool>(entry));
    RC_ASSERT(entry->tag == (user ? AclTag::user : AclTag::group));
    RC_ASSERT(entry->account == account);
    RC_ASSERT(entry->permissions == permissions);
    RC_ASSERT(entry->x_if_any_x == x_if_any_x);
    // What is printed is read as itself.
    const std::string printed = "u:a:" + permissions_text(entry->permissions);
    RC_ASSERT(parse_acl_entry(printed, AclKind::access)->permissions == permissions);
  });
}

TEST_CASE("whatever is no entry is refused at a place within it") {
  check_property("texts that are hardly ACL entries", 3000, 100000, [] {
    std::string text;
    for (int i = *rc::gen::inRange(0, 7); i > 0; --i) {
      text += *rc::gen::element<std::string>("u", "g", "m", "o", "user", ":", "::", "a", "0", "rw",
                                             "X", "-", " ", "7", "d");
    }
    const auto entry = parse_acl_entry(text, AclKind::access);
    if (entry) {
      RC_ASSERT(entry->permissions <= 7);
      RC_ASSERT(entry->account.empty() == (entry->tag == AclTag::mask));
    } else {
      RC_ASSERT(entry.error().offset <= text.size());
      RC_ASSERT(!entry.error().message.empty());
    }
  });
}

}  // namespace
}  // namespace permward::test
