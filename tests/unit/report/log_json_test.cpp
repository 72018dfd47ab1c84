// SPDX-License-Identifier: Apache-2.0
#include "report/log_json.hpp"

#include "logged.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace permward;
using namespace permward::test;
using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const LogReport& report, ChangeSource* changes = nullptr) {
  StringSink sink;
  write_log_json(report, changes, sink);
  return sink.text();
}

std::vector<Json> lines_of(const LogReport& report, ChangeSource* changes = nullptr) {
  StringSink sink;
  write_log_jsonl(report, changes, sink);
  std::istringstream in(sink.text());
  std::vector<Json> out;
  for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
  return out;
}

std::vector<std::string> members(const Json& object) {
  std::vector<std::string> out;
  for (const auto& member : object.items()) out.push_back(member.key());
  return out;
}

}  // namespace

TEST_CASE("a log has the members of the manual in its order") {
  const Json document = Json::parse(text_of(log_of({logged_run(), unfinished_run()})));
  REQUIRE(members(document) ==
          std::vector<std::string>{"format_version", "tool", "command", "warnings", "runs"});
  REQUIRE(document["command"] == "log");
  REQUIRE(document["runs"].size() == 2);
  REQUIRE(document["runs"][0] ==
          Json{{"run", "20261126T101500Z-3f2a"},
               {"started", "2026-11-26T10:15:00.000Z"},
               {"finished", "2026-11-26T10:15:02.000Z"},
               {"state", "out_of_policy"},
               {"command", "apply"},
               {"command_line", "apply /srv"},
               {"user", "alice"},
               {"uid", 1001},
               {"in_policy", false},
               {"counts", {{"objects", 2}, {"corrected", 2}, {"refused", 0}, {"failed", 1}}}});
  REQUIRE(document["runs"][1]["state"] == "unfinished");
  REQUIRE(document["runs"][1]["finished"].is_null());
}

TEST_CASE("only a run that ended in policy is in policy") {
  const auto run = [](LoggedRun::State state) {
    return Json::parse(text_of(log_of({logged_run(state)})))["runs"][0];
  };
  REQUIRE(run(LoggedRun::State::in_policy)["in_policy"] == true);
  REQUIRE(run(LoggedRun::State::killed)["in_policy"] == false);
  REQUIRE(run(LoggedRun::State::killed)["state"] == "killed");
  REQUIRE(run(LoggedRun::State::unfinished)["in_policy"] == false);
}

TEST_CASE("a run that was asked for has its changes, one an aspect") {
  ListedChanges changes({corrected(), unseen()});
  const Json document = Json::parse(text_of(log_of({logged_run()}), &changes));
  REQUIRE(members(document).back() == "changes");
  REQUIRE(document["changes"].size() == 3);
  REQUIRE(document["changes"][1] == Json{{"path", "/srv/a"},
                                         {"aspect", "mode"},
                                         {"before", "0666"},
                                         {"intended", "0640"},
                                         {"after", "0640"},
                                         {"outcome", "corrected"}});
  const Json unknown = document["changes"][2];
  REQUIRE(unknown["path"] == "/srv/\\xff");
  REQUIRE(unknown["path_b64"] == "L3Nydi//");
  REQUIRE(unknown["after"].is_null());
  REQUIRE(unknown["outcome"] == "unknown");
}

TEST_CASE("lists without anything in them are there") {
  ListedChanges none({});
  const Json document = Json::parse(text_of(log_of({}), &none));
  REQUIRE(document["runs"] == Json::array());
  REQUIRE(document["changes"] == Json::array());
}

TEST_CASE("what keeps a log from its end is behind what there is") {
  const Error error{ErrorKind::changed, "read all changes of the run", "x", 0};
  ListedChanges changes({failed()}, error);
  const Json document = Json::parse(text_of(log_of({logged_run()}), &changes));
  REQUIRE(document["changes"].size() == 1);
  REQUIRE(document["error"]["kind"] == "changed");
  REQUIRE(lines_of(log_of({logged_run()}), &changes).back()["error"]["kind"] == "changed");
  LogReport report = log_of({});
  report.error = error;
  REQUIRE(Json::parse(text_of(report))["error"]["kind"] == "changed");
}

TEST_CASE("JSON lines of a log are its runs, their changes and the rest") {
  ListedChanges changes({corrected(), failed()});
  const std::vector<Json> lines = lines_of(log_of({logged_run()}), &changes);
  REQUIRE(lines.size() == 5);
  REQUIRE(lines[0]["event"] == "run");
  REQUIRE(lines[0]["uid"] == 1001);
  REQUIRE(lines[1]["event"] == "change");
  REQUIRE(lines[3]["outcome"] == "failed");
  REQUIRE(members(lines[4]) ==
          std::vector<std::string>{"event", "format_version", "tool", "command", "warnings"});
  REQUIRE(lines[4]["event"] == "summary");
}
