// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include "builders.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace permward;
using namespace permward::test;
using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const RunReport& report) {
  StringSink sink;
  write_json(report, sink);
  return sink.text();
}

std::vector<std::string> members(const Json& object) {
  std::vector<std::string> out;
  for (const auto& member : object.items()) out.push_back(member.key());
  return out;
}

}  // namespace

TEST_CASE("a JSON report has the members of the manual in its order") {
  const Policy rules = policy();
  RunReport report = run(rules, {finding("/a", Aspect::mode, "0666", "at most 0640", "m")}, 1);
  report.not_entered = {{"/home", "ext4", false}, {"/proc", "proc", true}};
  const Json document = Json::parse(text_of(report));
  REQUIRE(members(document) == std::vector<std::string>{"format_version", "tool", "command", "run",
                                                        "host", "started", "duration_ms", "policy",
                                                        "summary", "not_entered", "warnings",
                                                        "findings"});
  REQUIRE(document["tool"] == Json{{"name", "permward"}, {"version", "0.1.0"}});
  REQUIRE(document["run"].is_null());
  REQUIRE(document["host"] == Json{{"hostname", "web1"}, {"root", "/"}});
  REQUIRE(document["started"] == "2026-11-22T10:00:00.123Z");
  REQUIRE(document["duration_ms"] == 41);
  REQUIRE(document["policy"]["files"][0]["path"] == "web.toml");
  REQUIRE(document["policy"]["rules"] == 2);
  REQUIRE(members(document["summary"]) ==
          std::vector<std::string>{"objects", "compliant", "violations", "corrected",
                                   "would_correct", "refused", "failed", "waived", "errors",
                                   "changed", "in_policy"});
  REQUIRE(document["summary"]["violations"] == 1);
  REQUIRE(document["summary"]["in_policy"] == false);
  REQUIRE(document["not_entered"] == Json::array({"/home", "/proc"}));
  REQUIRE(members(document["findings"][0]) ==
          std::vector<std::string>{"rule", "severity", "path", "type", "aspect", "status",
                                   "expected", "actual", "message", "source", "fingerprint"});
  REQUIRE(document["findings"][0]["source"] ==
          Json{{"file", "web.toml"}, {"line", 19}, {"column", 1}});
  REQUIRE(document["findings"][0]["fingerprint"] == fingerprint("nginx-conf", "/a", Aspect::mode));
}

TEST_CASE("a JSON report without findings is a document all the same") {
  const Policy rules = policy();
  const Json document = Json::parse(text_of(run(rules, {}, 1)));
  REQUIRE(document["findings"] == Json::array());
  REQUIRE(document["not_entered"] == Json::array());
  REQUIRE(document["warnings"] == Json::array());
  REQUIRE(document["summary"]["in_policy"] == true);
}

TEST_CASE("a finding carries what its rule says for people, where it says it") {
  Policy rules = policy();
  rules.rules[0].title = "nginx's main configuration";
  rules.rules[0].rationale = "Deleting it misroutes all traffic.";
  rules.rules[0].remediation = "chmod 0640";
  rules.rules[0].references = {{"nist_800_53", {"AC-6"}}, {"cis", {"7.1.1", "7.1.2"}}};
  rules.rules[0].tags = {"web"};
  const Json document =
      Json::parse(text_of(run(rules, {finding("/a", Aspect::mode, "0666", "0640")}, 1)));
  const Json& finding = document["findings"][0];
  REQUIRE(finding["title"] == "nginx's main configuration");
  REQUIRE(finding["rationale"] == "Deleting it misroutes all traffic.");
  REQUIRE(finding["remediation"] == "chmod 0640");
  REQUIRE(finding["references"] == Json{{"nist_800_53", {"AC-6"}}, {"cis", {"7.1.1", "7.1.2"}}});
  REQUIRE(finding["tags"] == Json::array({"web"}));
}

TEST_CASE("T79 every name can be recovered from JSON, and the file is ASCII") {
  const Policy rules = policy();
  std::vector<Finding> findings;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    std::string path = "/n";
    path += static_cast<char>(byte);
    findings.push_back(finding(path, Aspect::mode, "0666", "0640"));
  }
  const std::string text = text_of(run(rules, findings, findings.size()));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    REQUIRE(((byte >= 0x20 && byte < 0x7f) || c == '\n'));
  }
  const Json document = Json::parse(text);
  REQUIRE(document["findings"].size() == findings.size());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Json& row = document["findings"][i];
    if (row.contains("path_b64")) {
      REQUIRE(static_cast<unsigned char>(findings[i].path.text()[2]) >= 0x80);
    } else {
      REQUIRE(row["path"].get<std::string>() == findings[i].path.text());
    }
  }
}

TEST_CASE("a path that is not UTF-8 is escaped text, and its bytes beside it") {
  const Policy rules = policy();
  Finding bad = finding("/bad\xff", Aspect::mode, "0666", "0640");
  bad.resolved = "/usr/bad\xff";
  const Json document = Json::parse(text_of(run(rules, {bad}, 1)));
  REQUIRE(document["findings"][0]["path"] == "/bad\\xff");
  REQUIRE(document["findings"][0]["path_b64"] == "L2JhZP8=");
  REQUIRE(document["findings"][0]["resolved"] == "/usr/bad\\xff");
}

TEST_CASE("an interrupted run and what ended one stand in the document") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 0);
  report.interrupted = true;
  report.error = Error{ErrorKind::denied, "open", "/\xff", 13};
  const Json document = Json::parse(text_of(report));
  REQUIRE(document["interrupted"] == true);
  REQUIRE(document["error"] ==
          Json{{"kind", "denied"}, {"message", "could not open /\\xff: Permission denied"}});
}

TEST_CASE("warnings stand in the document as diagnostics") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 1);
  Diagnostic warning;
  warning.code = "W0201";
  warning.severity = Diagnostic::Severity::warning;
  warning.message = "no user 'rot'";
  warning.help = "did you mean `root`?";
  warning.file = "web.toml";
  warning.line = 3;
  warning.column = 9;
  report.warnings = {warning};
  const Json document = Json::parse(text_of(report));
  REQUIRE(document["warnings"][0] == Json{{"code", "W0201"},
                                          {"severity", "warning"},
                                          {"message", "no user 'rot'"},
                                          {"help", "did you mean `root`?"},
                                          {"file", "web.toml"},
                                          {"line", 3},
                                          {"column", 9}});
}

TEST_CASE("a run that never began is a document with the mistakes") {
  Diagnostic mistake;
  mistake.code = "E0104";
  mistake.message = "bad \xff";
  StringSink sink;
  write_json_errors("check", "0.1.0", {mistake, mistake}, sink);
  const Json document = Json::parse(sink.text());
  REQUIRE(members(document) ==
          std::vector<std::string>{"format_version", "tool", "command", "errors"});
  REQUIRE(document["errors"].size() == 2);
  REQUIRE(document["errors"][0]["severity"] == "error");
  REQUIRE(document["errors"][0]["message"] == "bad \\xff");
}

TEST_CASE("a validation is a document with the members of the manual") {
  const auto document_of = [](const Validation& validation) {
    StringSink sink;
    write_json(validation, sink);
    return Json::parse(sink.text());
  };
  const Json valid = document_of(validation({mistake("W0603", Diagnostic::Severity::warning)}));
  REQUIRE(members(valid) == std::vector<std::string>{"format_version", "tool", "command", "files",
                                                     "rules", "errors", "valid"});
  REQUIRE(valid["command"] == "validate");
  REQUIRE(valid["files"][1]["path"] == "b\\xff.toml");
  REQUIRE(valid["rules"] == 2);
  REQUIRE(valid["errors"][0]["severity"] == "warning");
  REQUIRE(valid["valid"] == true);
  REQUIRE(document_of(validation({}))["errors"] == Json::array());

  Validation broken = validation({mistake("E0201", Diagnostic::Severity::error)});
  REQUIRE(document_of(broken)["valid"] == false);
  broken.diagnostics.clear();
  broken.error = Error{ErrorKind::denied, "write", "/x", 13};
  REQUIRE(document_of(broken)["valid"] == false);
  REQUIRE(document_of(broken)["error"]["kind"] == "denied");
}
