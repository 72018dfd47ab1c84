// SPDX-License-Identifier: Apache-2.0
#include "base/words.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

TEST_CASE("one thing is counted in the singular, and none and many in the plural") {
  REQUIRE(counted(0, "object") == "0 objects");
  REQUIRE(counted(1, "object") == "1 object");
  REQUIRE(counted(2, "object") == "2 objects");
  REQUIRE(counted(18446744073709551615U, "file") == "18446744073709551615 files");
}

TEST_CASE("a list has commas, and its conjunction before the last") {
  const auto said = [](const std::vector<std::string>& parts) { return listed(parts, "or"); };
  REQUIRE(said({}).empty());
  REQUIRE(said({"a"}) == "a");
  REQUIRE(said({"a", "b"}) == "a or b");
  REQUIRE(said({"a", "b", "c"}) == "a, b or c");
  REQUIRE(said({"a", "b", "c", "d"}) == "a, b, c or d");
}

TEST_CASE("a date is written as in ISO 8601") {
  using namespace std::chrono;
  REQUIRE(date_text(year(2027) / March / day(31)) == "2027-03-31");
  REQUIRE(date_text(year(999) / January / day(1)) == "0999-01-01");
}

}  // namespace
}  // namespace permward
