// SPDX-License-Identifier: Apache-2.0
#include "report/json_values.hpp"

#include "base/text.hpp"
#include "report/cells.hpp"
#include "report/error_text.hpp"
#include "report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace permward {
namespace {

constexpr const char* format_version = "1.0";

// What the rule says for people, where it says it.
void add_rule_texts(Json& out, const Rule& rule) {
  if (!rule.title.empty()) out["title"] = json_text(rule.title);
  if (!rule.rationale.empty()) out["rationale"] = json_text(rule.rationale);
  if (!rule.remediation.empty()) out["remediation"] = json_text(rule.remediation);
  for (const auto& [name, entries] : rule.references) {
    out["references"][json_text(name)] = texts_json(entries);
  }
  if (!rule.tags.empty()) out["tags"] = texts_json(rule.tags);
}

Json files_json(const std::vector<PolicyFile>& files) {
  Json out = Json::array();
  for (const PolicyFile& file : files) {
    out.push_back({{"path", json_text(file.path)}, {"sha256", file.sha256}});
  }
  return out;
}

Json policy_json(const RunReport& report) {
  return {{"files", files_json(report.policy->files)},
          {"digest", report.policy->digest},
          {"rules", report.rules}};
}

Json summary_json(const Summary& summary) {
  return {{"objects", summary.objects},
          {"compliant", summary.compliant},
          {"violations", summary.violations},
          {"corrected", summary.corrected},
          {"would_correct", summary.would_correct},
          {"refused", summary.refused},
          {"failed", summary.failed},
          {"waived", summary.waived},
          {"errors", summary.errors},
          {"changed", summary.changed},
          {"in_policy", summary.in_policy}};
}

Json selection_json(const Selection& selection) {
  Json paths = Json::array();
  Json bytes = Json::array();
  for (const std::string& path : selection.paths) {
    paths.push_back(json_text(path));
    bytes.push_back(base64(path));
  }
  Json out = {{"rules", selection.rules}, {"paths", std::move(paths)}};
  const bool escaped = std::any_of(selection.paths.begin(), selection.paths.end(),
                                   [](const std::string& path) { return invalid_utf8(path); });
  if (escaped) out["paths_b64"] = std::move(bytes);
  return out;
}

Json not_entered_json(const std::vector<NotEntered>& not_entered) {
  Json out = Json::array();
  for (const NotEntered& mount : not_entered) out.push_back(json_text(mount.path));
  return out;
}

}  // namespace

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(json_text(text));
  return out;
}

std::string dump(const Json& value) {
  constexpr int on_one_line = -1;
  constexpr bool ascii = true;
  return value.dump(on_one_line, ' ', ascii, Json::error_handler_t::replace);
}

std::string timestamp(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Json source_json(const Policy& policy, const Pos& pos) {
  const std::string file = pos.file < policy.files.size() ? policy.files[pos.file].path : "";
  return {{"file", json_text(file)}, {"line", pos.line}, {"column", pos.column}};
}

Json error_json(const Error& error) {
  return {{"kind", name(error.kind)}, {"message", json_text(error_text(error))}};
}

void add_path(Json& out, const std::string& path) {
  out["path"] = json_text(path);
  if (invalid_utf8(path)) out["path_b64"] = base64(path);
}

Json finding_json(const Policy& policy, const Finding& finding) {
  const Rule* rule = finding.rule == of_no_rule ? nullptr : &policy.rules[finding.rule];
  Json out = {{"rule", rule == nullptr ? Json(nullptr) : Json(rule->id)},
              {"severity", name(severity_of(policy, finding))}};
  const std::string path = finding.path.text();
  add_path(out, path);
  if (!finding.resolved.empty()) out["resolved"] = json_text(finding.resolved.text());
  out["type"] = name(finding.type);
  out["aspect"] = name(finding.aspect);
  out["status"] = name(finding.status);
  out["expected"] = json_text(finding.expected);
  out["actual"] = json_text(finding.actual);
  const bool both = !finding.message.empty() && !finding.reason.empty();
  out["message"] = json_text(finding.message + (both ? "; " : "") + finding.reason);
  if (!finding.diff.empty()) out["diff"] = json_lines(finding.diff);
  out["source"] = rule == nullptr ? Json(nullptr) : source_json(policy, finding.source);
  out["fingerprint"] = fingerprint(rule == nullptr ? "" : rule->id, path, finding.aspect);
  if (rule != nullptr) add_rule_texts(out, *rule);
  return out;
}

Json planned_json(const PlannedObject& planned) {
  Json out = Json::object();
  add_path(out, planned.path.text());
  out["actions"] = texts_json(planned.actions);
  return out;
}

Json diagnostics_json(const Diagnostics& diagnostics) {
  Json out = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == Diagnostic::Severity::error;
    out.push_back({{"code", diagnostic.code},
                   {"severity", error ? "error" : "warning"},
                   {"message", json_text(diagnostic.message)},
                   {"help", json_text(diagnostic.help)},
                   {"file", json_text(diagnostic.file)},
                   {"line", diagnostic.line},
                   {"column", diagnostic.column}});
  }
  return out;
}

Json head_json(const std::string& command, const std::string& version) {
  return {{"format_version", format_version},
          {"tool", {{"name", "permward"}, {"version", version}}},
          {"command", command}};
}

void add_circumstances(Json& out, const RunReport& report) {
  out["host"] = {{"hostname", json_text(report.hostname)}, {"root", json_text(report.root)}};
  out["started"] = timestamp(report.started);
  out["duration_ms"] = report.duration.count();
  out["policy"] = policy_json(report);
  if (report.selection) out["selection"] = selection_json(*report.selection);
}

Json run_json(const RunReport& report) {
  Json out = head_json(report.command, report.version);
  out["run"] = report.run ? Json(*report.run) : Json(nullptr);
  if (report.command == "undo")
    out["undone"] = report.undone ? Json(*report.undone) : Json(nullptr);
  add_circumstances(out, report);
  out["summary"] = summary_json(report.summary);
  if (report.interrupted) out["interrupted"] = true;
  if (report.error) out["error"] = error_json(*report.error);
  out["not_entered"] = not_entered_json(report.not_entered);
  out["warnings"] = diagnostics_json(report.warnings);
  return out;
}

Json validation_json(const Validation& validation) {
  Json out = head_json(validation.command, validation.version);
  out["files"] = files_json(validation.files);
  out["rules"] = validation.rules;
  if (validation.error) out["error"] = error_json(*validation.error);
  return out;
}

}  // namespace permward
