// SPDX-License-Identifier: Apache-2.0
#include "model/accounts.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

namespace permward {
namespace {

using namespace std::string_view_literals;

TEST_CASE("an id is decimal digits from 0 to 4294967294") {
  struct Row {
    std::string_view text;
    std::uint32_t id;
  };
  const Row table[] = {
      {"0", 0},
      {"1", 1},
      {"65534", 65534},
      {"65535", 65535},
      {"2147483648", 2147483648},
      {"4294967294", 4294967294},
  };
  for (const auto& [text, id] : table) REQUIRE(id_of_text(text) == id);
}

TEST_CASE("T23 nothing but 0 is read as root") {
  const std::string_view table[] = {
      "",
      " ",
      "0x0",
      "+0",
      "-0",
      "-1",
      "4294967295",
      "4294967296",
      "18446744073709551616",
      "99999999999999999999999999",
      "0day",
      "0 ",
      " 0",
      "\t0",
      "0\n",
      "root\nx",
      "a:b",
      "r\0t"sv,
      "0\0"sv,
      "\xdb\xb0",
      "00",
      "01",
      "1e3",
      "1.0",
      "0b0",
      "0o0",
      "root",
      "1_000",
      "1,000",
  };
  for (const std::string_view text : table) {
    INFO("'" << text << "'");
    REQUIRE_FALSE(id_of_text(text));
  }
}

TEST_CASE("T106 the greatest id is one below that of no change") {
  REQUIRE(id_of_text("4294967294") == greatest_id);
  REQUIRE_FALSE(id_of_text("4294967295"));
}

TEST_CASE("names of accounts are those of useradd and of directory services") {
  for (const std::string_view text :
       {"root"sv, "www-data"sv, "_apt"sv, "systemd-network"sv, "Bob"sv, "bob.smith"sv,
        "bob@example.org"sv, "DOMAIN\\bob"sv, "machine$"sv, "x"sv, "a1"sv}) {
    INFO(text);
    REQUIRE(valid_account_name(text));
  }
  REQUIRE(valid_account_name(std::string(256, 'a')));
}

TEST_CASE("T23 what cannot be the name of an account is refused") {
  for (const std::string_view text :
       {""sv,    " "sv,   "0day"sv,       "1"sv,   "-root"sv,     "+root"sv,  ".root"sv, "@root"sv,
        "$"sv,   "$x"sv,  "a$b"sv,        "a:b"sv, "root:root"sv, "root\n"sv, "r\0t"sv,  "ro ot"sv,
        "a/b"sv, "a,b"sv, "r\xc3\xb6t"sv, "a*"sv,  "#x"sv,        "\\x"sv}) {
    INFO("'" << text << "'");
    REQUIRE_FALSE(valid_account_name(text));
  }
  REQUIRE_FALSE(valid_account_name(std::string(257, 'a')));
}

TEST_CASE("an account that is pending, unknown or failed has no id") {
  Account account;
  REQUIRE_FALSE(account.found());
  account.state = Account::State::unknown;
  REQUIRE_FALSE(account.found());
  account.state = Account::State::failed;
  REQUIRE_FALSE(account.found());
  account.state = Account::State::found;
  REQUIRE(account.found());
}

TEST_CASE("an id is shown by its name, or by its number where it has none") {
  AccountNames names;
  names.learn(AccountKind::user, 0, "root");
  names.learn(AccountKind::group, 0, "wheel");
  names.learn_unnamed(AccountKind::user, 7001);
  REQUIRE(names.text(AccountKind::user, 0) == "root");
  REQUIRE(names.text(AccountKind::group, 0) == "wheel");
  REQUIRE(names.text(AccountKind::user, 7001) == "7001");
  REQUIRE(names.text(AccountKind::user, 4294967294) == "4294967294");
}

TEST_CASE("that an id has no name is known too, and need not be asked again") {
  AccountNames names;
  names.learn_unnamed(AccountKind::user, 7001);
  REQUIRE(names.knows(AccountKind::user, 7001));
  REQUIRE_FALSE(names.knows(AccountKind::group, 7001));
  REQUIRE_FALSE(names.knows(AccountKind::user, 7002));
}

TEST_CASE("of two names of one id the first stays") {
  AccountNames names;
  names.learn(AccountKind::user, 0, "root");
  names.learn(AccountKind::user, 0, "toor");
  REQUIRE(names.text(AccountKind::user, 0) == "root");
}

TEST_CASE("a table of one thread extends the shared one and leaves it alone") {
  AccountNames shared;
  shared.learn(AccountKind::user, 0, "root");
  AccountNames own(&shared);
  own.learn(AccountKind::user, 1001, "bob");
  REQUIRE(own.text(AccountKind::user, 0) == "root");
  REQUIRE(own.text(AccountKind::user, 1001) == "bob");
  REQUIRE_FALSE(shared.knows(AccountKind::user, 1001));
}

TEST_CASE("kinds of accounts are called as the reports call them") {
  REQUIRE(name(AccountKind::user) == "user");
  REQUIRE(name(AccountKind::group) == "group");
}

}  // namespace
}  // namespace permward
