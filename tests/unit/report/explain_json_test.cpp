// SPDX-License-Identifier: Apache-2.0
#include "report/explain_json.hpp"

#include "explaining.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

using namespace permward;
using namespace permward::test;

namespace {

using Parsed = nlohmann::json;

Parsed json_of(const Policy& rules, Explanation explanation) {
  StringSink sink;
  write_explain_json(report_of(rules, {std::move(explanation)}), sink);
  return Parsed::parse(sink.text());
}

}  // namespace

TEST_CASE("the document begins as every report, and has nothing of findings") {
  const Parsed document = json_of(policy(), explanation());
  REQUIRE(document["format_version"] == "1.0");
  REQUIRE(document["command"] == "explain");
  REQUIRE(document["policy"]["rules"] == 2);
  REQUIRE(document["paths"].size() == 1);
  for (const char* member : {"findings", "summary", "run", "not_entered"}) {
    REQUIRE_FALSE(document.contains(member));
  }
}

TEST_CASE("each rule says what it says, by aspect, and clause by clause who decides") {
  const Parsed path = json_of(policy(), explanation())["paths"][0];
  REQUIRE(path["type"] == "file");
  REQUIRE_FALSE(path.contains("as_type"));
  const Parsed& tree = path["rules"][1];
  REQUIRE(tree["rule"] == "nginx-tree");
  REQUIRE(tree["kind"] == "recursion");
  REQUIRE(tree["says"] == Parsed{{"owner", "root"}, {"mode", "at most 0644"}});
  const Parsed& mode = tree["clauses"][1];
  REQUIRE(mode["decides"] == "part");
  REQUIRE(mode["bits"] == "7777");
  REQUIRE(mode["decided_bits"] == "7775");
  REQUIRE(mode["outranked_by"][0]["rule"] == "nginx-conf");
  REQUIRE(mode["outranked_by"][0]["source"]["line"] == 14);
  REQUIRE(mode["outranked_by"][0]["bits"] == "0002");
  REQUIRE(tree["clauses"][0]["decides"] == true);
  REQUIRE_FALSE(tree["clauses"][0].contains("bits"));
}

TEST_CASE("what is decided has the members of a finding that tell of the demand") {
  const Parsed decided = json_of(policy(), explanation())["paths"][0]["decided"];
  REQUIRE(decided[1] == Parsed{{"aspect", "mode"},
                               {"rule", "nginx-conf"},
                               {"source", {{"file", "web.toml"}, {"line", 19}, {"column", 1}}},
                               {"expected", "o-w"},
                               {"actual", "0666"},
                               {"status", "violation"},
                               {"message", "others may write"},
                               {"bits", "0002"}});
}

TEST_CASE("a waiver of what is decided is told with its end, past or not") {
  Policy rules = policy();
  Waiver waiver;
  waiver.rule.text = "nginx-*";
  waiver.aspects = Aspect::mode;
  waiver.reason = "for now";
  waiver.expires = std::chrono::year(2020) / 1 / 31;
  waiver.pos = {0, 50, 1};
  rules.waivers = {waiver};
  Explanation one = explanation();
  one.waivers = {{0, true}};
  const Parsed told = json_of(rules, one)["paths"][0]["waivers"][0];
  REQUIRE(told["rule"] == "nginx-*");
  REQUIRE(told["aspects"] == Parsed{"mode"});
  REQUIRE(told["expires"] == "2020-01-31");
  REQUIRE(told["expired"] == true);
  REQUIRE(told["source"]["line"] == 50);
  REQUIRE_FALSE(told.contains("approved_by"));
}

TEST_CASE("a path that is not UTF-8 has its bytes beside it") {
  Explanation one;
  one.path = "/a\xff";
  one.unseen = "could not open /a\\xff: Permission denied";
  one.as = Type::file;
  const Parsed path = json_of(policy(), one)["paths"][0];
  REQUIRE(path["path"] == "/a\\xff");
  REQUIRE(path["path_b64"] == "L2H/");
  REQUIRE(path["error"] == "could not open /a\\xff: Permission denied");
  REQUIRE(path["as_type"] == "file");
  REQUIRE(path["nearest"].is_null());
}

TEST_CASE("JSON lines are a line a path and a summary") {
  const Policy rules = policy();
  StringSink sink;
  write_explain_jsonl(report_of(rules, {explanation(), explanation()}), sink);
  std::vector<std::string> events;
  std::string_view text = sink.text();
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    events.push_back(Parsed::parse(text.substr(0, end))["event"]);
    text.remove_prefix(end + 1);
  }
  REQUIRE(events == std::vector<std::string>{"explanation", "explanation", "summary"});
}
