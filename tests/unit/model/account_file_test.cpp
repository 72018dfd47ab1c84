// SPDX-License-Identifier: Apache-2.0
#include "model/account_file.hpp"

#include "model/accounts.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

using namespace std::string_view_literals;
using Skipped = std::vector<SkippedAccountLine>;

TEST_CASE("a passwd file is read line by line") {
  const auto file = parse_passwd(
      "root:x:0:0:root:/root:/bin/bash\n"
      "daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
      "\n"
      "# a comment\n"
      "_apt:x:42:65534::/nonexistent:\n"
      "bob.smith:x:1001:100:Bob \xff S.,,,:/home/bob smith:/bin/sh");
  REQUIRE(file.skipped == 0);
  REQUIRE(file.entries == std::vector<PasswdEntry>{{"root", 0, 0, "/root"},
                                                   {"daemon", 1, 1, "/usr/sbin"},
                                                   {"_apt", 42, 65534, "/nonexistent"},
                                                   {"bob.smith", 1001, 100, "/home/bob smith"}});
}

TEST_CASE("a group file is read with its members") {
  const auto file = parse_group(
      "root:x:0:\n"
      "adm:x:4:syslog,bob\n"
      "web:!:33:carol\n"
      "empty::50:,,bob,");
  REQUIRE(file.skipped == 0);
  REQUIRE(file.entries == std::vector<GroupEntry>{{"root", 0, {}},
                                                  {"adm", 4, {"syslog", "bob"}},
                                                  {"web", 33, {"carol"}},
                                                  {"empty", 50, {"bob"}}});
}

TEST_CASE("no text, and text without lines, has no accounts") {
  for (const std::string_view text : {""sv, "\n"sv, "\n\n\n"sv, "# nobody\n"sv}) {
    REQUIRE(parse_passwd(text).entries.empty());
    REQUIRE(parse_passwd(text).skipped == 0);
    REQUIRE(parse_group(text).entries.empty());
  }
}

TEST_CASE("homes are handed on as they stand") {
  const auto file = parse_passwd("a:x:1:1:::\nb:x:2:2::../b:\nc:x:3:3:://c/:\n");
  REQUIRE(file.entries.size() == 3);
  REQUIRE(file.entries[0].home.empty());
  REQUIRE(file.entries[1].home == "../b");
  REQUIRE(file.entries[2].home == "//c/");
}

TEST_CASE("T23 a line whose ids cannot be read is nobody's, least of all root's") {
  for (const std::string_view id :
       {""sv, " "sv, "0x0"sv, "+0"sv, "-0"sv, "-1"sv, "4294967295"sv, "4294967296"sv,
        "18446744073709551616"sv, "0day"sv, "0 "sv, " 0"sv, "00"sv, "root"sv, "\xdb\xb0"sv}) {
    const std::string text(id);
    INFO("'" << text << "'");
    for (const std::string& line :
         {"x:x:" + text + ":1000::/home/x:/bin/sh\n", "x:x:1000:" + text + "::/home/x:/bin/sh\n"}) {
      const auto file = parse_passwd(line);
      REQUIRE(file.entries.empty());
      REQUIRE(file.first_skipped == Skipped{{1, BadAccountLine::id}});
    }
    const auto group = parse_group("x:x:" + text + ":bob\n");
    REQUIRE(group.entries.empty());
    REQUIRE(group.first_skipped == Skipped{{1, BadAccountLine::id}});
  }
}

TEST_CASE("T106 the greatest id is read, and the one that means no change is not") {
  REQUIRE(parse_passwd("x:x:4294967294:4294967294:::\n").entries.front().uid == greatest_id);
  REQUIRE(parse_passwd("x:x:4294967295:0:::\n").entries.empty());
}

TEST_CASE("lines that are malformed are skipped, and named with their reason") {
  const auto file = parse_passwd(
      "root:x:0:0:root:/root:/bin/bash\n"
      "short:x:5:5\n"
      "long:x:6:6:::/bin/sh:more\n"
      "\n"
      ":x:7:7:::\n"
      "0day:x:8:8:::\n"
      "root :x:0:0:::\n"
      "no colon at all\n"
      "bob:x:1001:1001:::\n");
  REQUIRE(file.entries.size() == 2);
  REQUIRE(file.skipped == 6);
  REQUIRE(file.first_skipped == Skipped{{2, BadAccountLine::fields},
                                        {3, BadAccountLine::fields},
                                        {5, BadAccountLine::name},
                                        {6, BadAccountLine::name},
                                        {7, BadAccountLine::name},
                                        {8, BadAccountLine::fields}});
}

TEST_CASE("a group with a member who cannot be is skipped whole") {
  const auto file = parse_group("a:x:1:bob,ro ot\nb:x:2:bob\r\nc:x:3:0\nd:x:4:carol\n");
  REQUIRE(file.entries == std::vector<GroupEntry>{{"d", 4, {"carol"}}});
  REQUIRE(file.first_skipped == Skipped{{1, BadAccountLine::member},
                                        {2, BadAccountLine::member},
                                        {3, BadAccountLine::member}});
}

TEST_CASE("lines for NIS add nobody") {
  const auto file = parse_passwd("+::::::\n+bob::0:0:::\n-carol::::::\n+@admins::::::\n+\n");
  REQUIRE(file.entries.empty());
  REQUIRE(file.skipped == 5);
  for (const SkippedAccountLine& line : file.first_skipped) {
    REQUIRE(line.why == BadAccountLine::nis);
  }
  REQUIRE(parse_group("+:::\n").first_skipped == Skipped{{1, BadAccountLine::nis}});
}

TEST_CASE("lines that end as on other systems are read, or refused, and never cut") {
  const auto passwd = parse_passwd("root:x:0:0::/root:/bin/sh\r\nbob:x:5:5\r:::\r\n\r\n");
  REQUIRE(passwd.entries == std::vector<PasswdEntry>{{"root", 0, 0, "/root"}});
  REQUIRE(passwd.first_skipped == Skipped{{2, BadAccountLine::id}, {3, BadAccountLine::fields}});
  REQUIRE(parse_group("root:x:0:\r\n").first_skipped == Skipped{{1, BadAccountLine::member}});
  REQUIRE(parse_passwd("a:x:1:1:::\rb:x:0:0:::\n").first_skipped ==
          Skipped{{1, BadAccountLine::fields}});
}

TEST_CASE("names that could be taken for something else are nobody's") {
  for (const std::string_view name :
       {""sv, " "sv, "0"sv, "1000"sv, "-1"sv, "@web"sv, "*"sv, "ro ot"sv, "root\t"sv, "a/b"sv,
        ".."sv, "a,b"sv, "r\x1b[0m"sv, "r\xc3\xb6\xc3\xb6t"sv, "a$b"sv, "$"sv}) {
    INFO("'" << name << "'");
    REQUIRE(parse_passwd(std::string(name) + ":x:0:0:::\n").entries.empty());
    REQUIRE(parse_group(std::string(name) + ":x:0:\n").entries.empty());
  }
}

TEST_CASE("a line with a NUL byte is refused whole") {
  const auto file = parse_passwd("root\0x:x:0:0:::\nbob:x:1001:1001:::/bin/sh\0\n"sv);
  REQUIRE(file.entries.empty());
  REQUIRE(file.first_skipped == Skipped{{1, BadAccountLine::nul}, {2, BadAccountLine::nul}});
}

TEST_CASE("a line is bounded, and what follows it is read all the same") {
  std::string members;
  while (members.size() <= longest_account_line) members += "bob,";
  const auto file = parse_group("big:x:1:" + members + "\nweb:x:33:\n");
  REQUIRE(file.entries == std::vector<GroupEntry>{{"web", 33, {}}});
  REQUIRE(file.first_skipped == Skipped{{1, BadAccountLine::too_long}});
  const std::string fits = "big:x:1:" + members.substr(0, longest_account_line - 8) + "\n";
  REQUIRE(parse_group(fits).skipped == 0);
}

TEST_CASE("of many bad lines all are counted and the first are named") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "x\n";
  const auto file = parse_passwd(text);
  REQUIRE(file.skipped == 1000);
  REQUIRE(file.first_skipped.size() == AccountFile<PasswdEntry>::most_reported);
  REQUIRE(file.first_skipped.back() == SkippedAccountLine{16, BadAccountLine::fields});
}

TEST_CASE("two entries of one name are both kept, the first first") {
  const auto file = parse_passwd("x:x:1:1:::\nx:x:2:2:::\n");
  REQUIRE(file.entries.size() == 2);
  REQUIRE(file.entries.front().uid == 1);
}

TEST_CASE("every reason for skipping a line has words") {
  for (std::size_t i = 0; i < bad_account_line_texts.size(); ++i) {
    REQUIRE_FALSE(text_of(static_cast<BadAccountLine>(i)).empty());
  }
  REQUIRE(text_of(BadAccountLine::member) == "a member is no account's name");
}

}  // namespace
}  // namespace permward
