// SPDX-License-Identifier: Apache-2.0
#include "report/escape.hpp"

#include "support/catch.hpp"

using namespace permward;

TEST_CASE("a path among columns shows where it ends") {
  const struct {
    std::string path, shown;
  } cases[] = {
      {"/etc/passwd", "/etc/passwd"},
      {"/srv/two words", "/srv/two words"},
      {"/srv/trail ", "/srv/trail\\x20"},
      {"/srv/x  critical", "/srv/x\\x20 critical"},
      {"/srv/n\nAll is well", "/srv/n\\x0aAll is well"},
      {"/srv/bs\\x20", "/srv/bs\\\\x20"},
  };
  for (const auto& [path, shown] : cases) REQUIRE(shown_path(path) == shown);
}

TEST_CASE("text of our own keeps its backslashes and loses what deceives") {
  REQUIRE(shown_text("link /srv/a\\x0ab of bob") == "link /srv/a\\x0ab of bob");
  REQUIRE(shown_text("\\") == "\\");
  REQUIRE(shown_text("a\\\\b\n\x1b[2J") == "a\\\\b\\x0a\\x1b[2J");
  REQUIRE(shown_text("→ ä") == "→ ä");
  REQUIRE(shown_text("bad \xff") == "bad \\xff");
}

TEST_CASE("JSON gets UTF-8 as it is and everything else escaped") {
  REQUIRE(json_text("ä\n\\") == "ä\n\\");
  REQUIRE(json_text("\xff\n\\") == "\\xff\\x0a\\\\");
}

TEST_CASE("the width of text is that of its code points") {
  REQUIRE(text_width("") == 0);
  REQUIRE(text_width("abc") == 3);
  REQUIRE(text_width("a → b") == 5);
}
