// SPDX-License-Identifier: Apache-2.0
#include "report/format.hpp"

#include "builders.hpp"
#include "logged.hpp"
#include "support/catch.hpp"

using namespace permward;
using namespace permward::test;

TEST_CASE("formats go by their names") {
  for (std::size_t i = 0; i < format_names.size(); ++i) {
    REQUIRE(format_named(format_names[i]) == static_cast<Format>(i));
  }
  REQUIRE_FALSE(format_named("yaml"));
  REQUIRE_FALSE(format_named(""));
}

TEST_CASE("each format writes a report of its own") {
  const Policy rules = policy();
  const RunReport report = run(rules, {}, 1);
  const auto begins = [&report](Format format, std::string_view beginning) {
    StringSink sink;
    write_report(format, report, {}, sink);
    return sink.text().rfind(beginning, 0) == 0;
  };
  REQUIRE(begins(Format::text, "No violations"));
  REQUIRE(begins(Format::json, "{\n\"format_version\""));
  REQUIRE(begins(Format::jsonl, "{\"event\":\"summary\""));
}

TEST_CASE("each format writes a validation of its own") {
  const auto begins = [](Format format, std::string_view beginning) {
    StringSink sink;
    write_validation(format, validation({}), {}, sink);
    return sink.text().rfind(beginning, 0) == 0;
  };
  REQUIRE(begins(Format::text, "Valid: "));
  REQUIRE(begins(Format::json, "{\n\"format_version\""));
  REQUIRE(begins(Format::jsonl, "{\"event\":\"errors\""));
}

TEST_CASE("each format writes a log of its own, of runs or of one run") {
  ListedChanges changes({corrected()});
  const auto text = [&changes](Format format, bool of_one) {
    StringSink sink;
    write_log(format, log_of({logged_run()}), of_one ? &changes : nullptr, {}, sink);
    return sink.text();
  };
  REQUIRE(text(Format::text, false).starts_with("run "));
  REQUIRE(text(Format::text, true).starts_with("20261126T101500Z-3f2a "));
  REQUIRE(text(Format::json, false).find("\"changes\"") == std::string::npos);
  REQUIRE(text(Format::json, true).find("\"changes\"") != std::string::npos);
  REQUIRE(text(Format::jsonl, false).starts_with("{\"event\":\"run\""));
  REQUIRE(text(Format::jsonl, true).find("{\"event\":\"change\"") != std::string::npos);
}

TEST_CASE("mistakes are a document only for programs") {
  const auto length = [](Format format) {
    StringSink sink;
    write_errors(format, "check", "0.1.0", {Diagnostic{}}, sink);
    return sink.text().size();
  };
  REQUIRE(length(Format::text) == 0);
  REQUIRE(length(Format::json) > 0);
  REQUIRE(length(Format::jsonl) > 0);
}
