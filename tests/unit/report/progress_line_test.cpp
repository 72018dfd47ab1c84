// SPDX-License-Identifier: Apache-2.0
#include "report/progress_line.hpp"

#include "report/escape.hpp"
#include "support/catch.hpp"

using namespace permward;
using std::chrono::milliseconds;

TEST_CASE("progress says how many, how fast and where") {
  REQUIRE(progress_line(3000, milliseconds(1500), "/usr/share", 80) ==
          "3000 objects, 2000 a second, /usr/share");
}

TEST_CASE("of a long directory the end is shown, in the columns that there are") {
  const std::string line = progress_line(30, milliseconds(1000), "/usr/share/männer/man1", 42);
  REQUIRE(line == "30 objects, 30 a second, …hare/männer/man1");
  REQUIRE(text_width(line) == 42);
}

TEST_CASE("where no directory fits there is none") {
  REQUIRE(progress_line(30, milliseconds(1000), "/usr/share/x", 30) == "30 objects, 30 a second");
  REQUIRE(progress_line(30, milliseconds(1000), "", 80) == "30 objects, 30 a second");
  REQUIRE(progress_line(30, milliseconds(1000), "/usr", 10) == "30 objects");
}

TEST_CASE("a directory on the progress line is escaped") {
  REQUIRE(progress_line(1, milliseconds(1000), "/a\x1b[2J", 80) ==
          "1 objects, 1 a second, /a\\x1b[2J");
}

TEST_CASE("no time is no division by zero") {
  REQUIRE(progress_line(1, milliseconds(0), "", 80) == "1 objects, 1000 a second");
}
