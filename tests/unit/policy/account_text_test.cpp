// SPDX-License-Identifier: Apache-2.0
#include "policy/account_text.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace permward {
namespace {

std::string mistake(std::string_view text, AccountKind kind = AccountKind::user) {
  const auto error = account_mistake(kind, text);
  return error ? error->message : "";
}

TEST_CASE("names and decimal ids are accounts") {
  for (const char* text : {"root", "www-data", "_apt", "DOMAIN\\user", "user@example.org", "host$",
                           "systemd-network", "0", "1000", "65534", "65535", "4294967294"}) {
    INFO(text);
    CHECK(mistake(text).empty());
  }
}

TEST_CASE("T23 strings that other tools read as root") {
  using namespace std::string_view_literals;
  for (const auto text : {""sv,           " "sv,          "0x0"sv,
                          "+0"sv,         "-0"sv,         "-1"sv,
                          "4294967295"sv, "4294967296"sv, "18446744073709551616"sv,
                          "0day"sv,       "0 "sv,         " 0"sv,
                          "00"sv,         "\xdb\xb0"sv,   "root\nx"sv,
                          "a:b"sv,        "r\0t"sv,       "root "sv,
                          "a/b"sv,        "-root"sv,      "root:root"sv}) {
    INFO(text);
    CHECK_FALSE(mistake(text).empty());
  }
}

TEST_CASE("the message says what is wrong with an account") {
  CHECK(mistake("") == "the user is empty");
  CHECK(mistake("", AccountKind::group) == "the group is empty");
  CHECK(mistake("root:adm") == "'root:adm' is not one user");
  CHECK(account_mistake(AccountKind::user, "root:adm")->offset == 4);
  CHECK(mistake("0x0") == "'0x0' is neither a user nor an id");
  CHECK(mistake("+0", AccountKind::group) == "'+0' is neither a group nor an id");
  CHECK(mistake("a b") == "'a b' cannot be the name of a user");
  CHECK(mistake("a\nb") == "'a\\x0ab' cannot be the name of a user");
}

TEST_CASE("numbers are ids up to the greatest") {
  CHECK(*account_of_number(AccountKind::user, 0) == "0");
  CHECK(*account_of_number(AccountKind::user, 4294967294) == "4294967294");
  CHECK_FALSE(account_of_number(AccountKind::user, 4294967295));
  CHECK_FALSE(account_of_number(AccountKind::group, -1));
  CHECK(account_of_number(AccountKind::group, -1).error().message == "-1 is not the id of a group");
}

}  // namespace
}  // namespace permward
