// SPDX-License-Identifier: Apache-2.0
#include "report/explain_json.hpp"

#include "base/words.hpp"
#include "model/attributes.hpp"
#include "model/mode.hpp"
#include "report/escape.hpp"
#include "report/json_lines.hpp"
#include "report/json_values.hpp"

#include <string>

namespace permward {
namespace {

void add_bits(Json& out, const char* member, Aspect aspect, std::uint16_t parts) {
  if (aspect == Aspect::mode) out[member] = mode_text(parts);
  if (aspect == Aspect::attributes) out[member] = attributes_text(AttributeSet::of_bits(parts));
}

Json decides_json(const ExplainedClause& clause) {
  if (clause.decides == 0) return false;
  return clause.decides == clause.parts ? Json(true) : Json("part");
}

Json outranked_json(const Policy& policy, Aspect aspect, const OutrankedPart& by) {
  Json out = {{"rule", policy.rules[by.rule].id}, {"source", source_json(policy, by.source)}};
  add_bits(out, "bits", aspect, by.parts);
  return out;
}

Json clause_json(const Policy& policy, const ExplainedClause& clause) {
  Json out = {{"aspect", name(clause.aspect)},
              {"says", json_text(clause.says)},
              {"source", source_json(policy, clause.source)},
              {"decides", decides_json(clause)}};
  if (clause.alternative != 0) out["alternative"] = clause.alternative;
  add_bits(out, "bits", clause.aspect, clause.parts);
  add_bits(out, "decided_bits", clause.aspect, clause.decides);
  out["outranked_by"] = Json::array();
  for (const OutrankedPart& by : clause.outranked) {
    out["outranked_by"].push_back(outranked_json(policy, clause.aspect, by));
  }
  return out;
}

// One text an aspect, whichever alternatives state it.
void add_words(Json& says, const ExplainedClause& clause) {
  const std::string aspect(name(clause.aspect));
  std::string text = says.contains(aspect) ? says[aspect].get<std::string>() + "; " : "";
  if (clause.alternative != 0) text += "alternative " + std::to_string(clause.alternative) + ": ";
  says[aspect] = text + json_text(clause.says);
}

Json rule_json(const Policy& policy, const ExplainedRule& explained) {
  const Rule& rule = policy.rules[explained.rule];
  Json out = {{"rule", rule.id},
              {"severity", name(rule.severity)},
              {"source", source_json(policy, rule.pos)},
              {"kind", name(explained.kind)},
              {"rule_path", json_text(explained.path)},
              {"enforce", rule.enforce},
              {"says", Json::object()},
              {"clauses", Json::array()}};
  for (const ExplainedClause& clause : explained.clauses) {
    add_words(out["says"], clause);
    out["clauses"].push_back(clause_json(policy, clause));
  }
  if (!explained.note.empty()) out["note"] = json_text(explained.note);
  return out;
}

Json rules_json(const Policy& policy, const std::vector<ExplainedRule>& rules) {
  Json out = Json::array();
  for (const ExplainedRule& rule : rules) out.push_back(rule_json(policy, rule));
  return out;
}

Json decision_json(const Policy& policy, const Decision& decision) {
  const Finding& finding = decision.finding;
  Json out = {{"aspect", name(finding.aspect)},
              {"rule", policy.rules[finding.rule].id},
              {"source", source_json(policy, finding.source)},
              {"expected", json_text(finding.expected)},
              {"actual", json_text(finding.actual)},
              {"status", name(finding.status)},
              {"message", json_text(finding.message)}};
  add_bits(out, "bits", finding.aspect, decision.parts);
  return out;
}

Json waiver_json(const Policy& policy, const ExplainedWaiver& explained) {
  const Waiver& waiver = policy.waivers[explained.waiver];
  Json out = {{"rule", json_text(waiver.rule.text)}};
  if (waiver.path) out["path"] = json_text(waiver.path->text);
  if (waiver.aspects) {
    out["aspects"] = Json::array();
    for (const AspectRow& row : aspects) {
      if (waiver.aspects->has(row.aspect)) out["aspects"].push_back(row.name);
    }
  }
  out["reason"] = json_text(waiver.reason);
  if (!waiver.approved_by.empty()) out["approved_by"] = json_text(waiver.approved_by);
  if (waiver.expires) out["expires"] = date_text(*waiver.expires);
  out["expired"] = explained.expired;
  out["source"] = source_json(policy, waiver.pos);
  return out;
}

Json explanation_json(const Policy& policy, const Explanation& explanation) {
  Json out = Json::object();
  add_path(out, explanation.path);
  if (!explanation.resolved.empty()) out["resolved"] = json_text(explanation.resolved);
  out["type"] = name(explanation.type);
  if (explanation.unseen) out["error"] = json_text(*explanation.unseen);
  if (explanation.type == Type::absent) out["as_type"] = name(explanation.as);
  out["rules"] = rules_json(policy, explanation.rules);
  out["not_in_force"] = rules_json(policy, explanation.not_in_force);
  out["decided"] = Json::array();
  for (const Decision& one : explanation.decided) {
    out["decided"].push_back(decision_json(policy, one));
  }
  out["compared"] = !explanation.wrong_type;
  out["waivers"] = Json::array();
  for (const ExplainedWaiver& one : explanation.waivers) {
    out["waivers"].push_back(waiver_json(policy, one));
  }
  out["stopped_at"] = Json::array();
  for (const std::string& mount : explanation.stopped_at) {
    out["stopped_at"].push_back(json_text(mount));
  }
  out["rules_below"] = explanation.rules_below;
  const std::string& nearest = explanation.nearest;
  out["nearest"] = nearest.empty() ? Json(nullptr) : Json(json_text(nearest));
  return out;
}

Json all_but_paths(const RunReport& report) {
  Json out = head_json(report.command, report.version);
  add_circumstances(out, report);
  if (report.error) out["error"] = error_json(*report.error);
  out["warnings"] = diagnostics_json(report.warnings);
  return out;
}

}  // namespace

void write_explain_json(const ExplainReport& report, Sink& sink) {
  write_members(all_but_paths(report.run), sink);
  const auto to_json = [&report](const Explanation& explanation) {
    return explanation_json(*report.run.policy, explanation);
  };
  write_list("paths", report.explanations, to_json, sink);
  sink.write("\n}\n");
}

void write_explain_jsonl(const ExplainReport& report, Sink& sink) {
  for (const Explanation& explanation : report.explanations) {
    write_event("explanation", explanation_json(*report.run.policy, explanation), sink);
  }
  write_event("summary", all_but_paths(report.run), sink);
}

}  // namespace permward
