// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

using Reader = Mistake (*)(Options&, const std::string&);

std::string message(Reader reader, const std::string& value) {
  Options options;
  const Mistake mistake = reader(options, value);
  return mistake ? mistake->message : "";
}

std::string hint(Reader reader, const std::string& value) {
  Options options;
  const Mistake mistake = reader(options, value);
  REQUIRE(mistake);
  return mistake->hint;
}

}  // namespace

TEST_CASE("a number of threads is one, and within reason") {
  for (const char* good : {"1", "8", "1024"}) REQUIRE(message(read_jobs, good).empty());
  for (const char* bad : {"", "0", "-1", "+1", " 1", "1 ", "0x10", "1025", "99999999999", "two"}) {
    REQUIRE_FALSE(message(read_jobs, bad).empty());
  }
}

TEST_CASE("a report has a format and a file") {
  for (const char* bad : {"json", "json:", "", ":", ":file"}) {
    REQUIRE_FALSE(message(read_report, bad).empty());
  }
  REQUIRE(message(read_report, "yaml:file") == "no such format 'yaml'");
  REQUIRE(message(read_report, "json:-").empty());
}

TEST_CASE("of names that do not exist the nearest is suggested, or all are listed") {
  REQUIRE(hint(read_format, "jsno") == "did you mean 'json'?");
  REQUIRE(hint(read_format, "yaml") == "one of: text json jsonl");
  REQUIRE(hint(read_severity, "hihg") == "did you mean 'high'?");
  REQUIRE(hint(read_color, "perhaps") == "one of: auto always never");
  REQUIRE(message(read_severity, "Low\n") == "no such severity 'Low\\x0a'");
}

TEST_CASE("of several severities the least counts") {
  Options options;
  REQUIRE_FALSE(read_severity(options, "high"));
  REQUIRE_FALSE(read_severity(options, "low"));
  REQUIRE_FALSE(read_severity(options, "critical"));
  REQUIRE(options.severity == Severity::low);
}

TEST_CASE("a glob that cannot be read is a mistake with the reason") {
  REQUIRE(message(read_rule, "[a").rfind("the glob '[a' cannot be read: ", 0) == 0);
}

TEST_CASE("names must not be empty") {
  REQUIRE_FALSE(message(read_policy_name, "").empty());
  REQUIRE_FALSE(message(read_output, "").empty());
}
