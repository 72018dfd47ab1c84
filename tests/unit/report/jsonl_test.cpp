// SPDX-License-Identifier: Apache-2.0
#include "report/jsonl.hpp"

#include "builders.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace permward;
using namespace permward::test;
using Json = nlohmann::ordered_json;

namespace {

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
  return out;
}

}  // namespace

TEST_CASE("JSON lines are a finding each, and the rest at last") {
  const Policy rules = policy();
  StringSink sink;
  write_jsonl(run(rules,
                  {finding("/a\nb", Aspect::mode, "0666", "0640"),
                   finding("/b", Aspect::mode, "0666", "0640")},
                  2),
              sink);
  const std::vector<Json> lines = lines_of(sink.text());
  REQUIRE(lines.size() == 3);
  REQUIRE(lines[0].begin().key() == "event");
  REQUIRE(lines[0]["event"] == "finding");
  REQUIRE(lines[0]["path"] == "/a\nb");
  REQUIRE(lines[2]["event"] == "summary");
  REQUIRE(lines[2]["format_version"] == "1.0");
  REQUIRE(lines[2]["summary"]["violations"] == 2);
  REQUIRE_FALSE(lines[2].contains("findings"));
}

TEST_CASE("what ended a run is in the last of the JSON lines") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 0);
  report.error = Error{ErrorKind::io, "read", "/x", 5};
  StringSink sink;
  write_jsonl(report, sink);
  const std::vector<Json> lines = lines_of(sink.text());
  REQUIRE(lines.size() == 1);
  REQUIRE(lines[0]["error"]["kind"] == "io");
}

TEST_CASE("the mistakes of a policy are one JSON line") {
  Diagnostic mistake;
  mistake.message = "a\nb";
  StringSink sink;
  write_jsonl_errors("check", "0.1.0", {mistake, mistake}, sink);
  const std::vector<Json> lines = lines_of(sink.text());
  REQUIRE(lines.size() == 1);
  REQUIRE(lines[0]["event"] == "errors");
  REQUIRE(lines[0]["errors"].size() == 2);
}

TEST_CASE("a validation is one JSON line, whatever it found") {
  for (const Diagnostics& found :
       {Diagnostics{}, Diagnostics{mistake("E0201", Diagnostic::Severity::error)}}) {
    StringSink sink;
    write_jsonl(validation(found), sink);
    const std::vector<Json> lines = lines_of(sink.text());
    REQUIRE(lines.size() == 1);
    REQUIRE(lines[0].begin().key() == "event");
    REQUIRE(lines[0]["event"] == "errors");
    REQUIRE(lines[0]["errors"].size() == found.size());
    REQUIRE(lines[0]["valid"] == found.empty());
  }
}
