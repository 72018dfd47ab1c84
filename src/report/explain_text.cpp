// SPDX-License-Identifier: Apache-2.0
#include "report/explain_text.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "report/cells.hpp"
#include "report/escape.hpp"
#include "report/table.hpp"
#include "report/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

// Of decisions: aspect, status, values, rule, message. Of clauses: aspect, text, place, outcome.
constexpr std::array<std::size_t, 5> decision_gaps = {2, 2, 3, 3, 0};
constexpr std::array<std::size_t, 4> clause_gaps = {2, 3, 3, 0};
constexpr std::size_t narrowest_decided = 8;  // "presence": so that both tables line up
constexpr std::size_t decision_indent = 4;
constexpr std::size_t clause_indent = 6;

Style style_of(Status status) {
  if (status == Status::pass) return Style::good;
  if (status == Status::waived) return Style::dim;
  return status == Status::error ? Style::notice : Style::bad;
}

// One explanation, section by section.
class Block {
 public:
  Block(const Policy& policy, const Explanation& explanation, Color color)
      : policy_(policy), explanation_(explanation), color_(color) {}

  [[nodiscard]] std::string head() const;
  [[nodiscard]] std::string body() const;

 private:
  [[nodiscard]] std::string heading(std::string_view text) const;
  [[nodiscard]] std::string notes() const;
  [[nodiscard]] std::string decisions() const;
  [[nodiscard]] std::string rules() const;
  [[nodiscard]] std::string idle_rules() const;
  [[nodiscard]] std::string waivers() const;
  [[nodiscard]] std::vector<Cell> row_of(const Decision& decision) const;
  [[nodiscard]] Cell line_of(const ExplainedRule& rule) const;
  [[nodiscard]] std::vector<Cell> row_of(const ExplainedClause& clause) const;
  [[nodiscard]] std::string outcome(const ExplainedClause& clause) const;
  [[nodiscard]] std::string rules_text(const std::vector<ExplainedRule>& rules) const;

  const Policy& policy_;
  const Explanation& explanation_;
  Color color_;
};

std::string Block::heading(std::string_view text) const {
  return "  " + styled(text, Style::dim, color_) + '\n';
}

std::string Block::head() const {
  Cell line(color_);
  line.add(shown_path(explanation_.path), Style::bold);
  if (!explanation_.resolved.empty()) line.add(" (" + shown_path(explanation_.resolved) + ")");
  line.add("  ");
  if (explanation_.unseen) {
    line.add("could not be verified: " + shown_text(*explanation_.unseen), Style::notice);
  } else {
    line.add(name(explanation_.type));
  }
  return line.text() + '\n';
}

std::string Block::notes() const {
  std::string out;
  const auto note = [&out](const std::string& text) { out.append("  ").append(text).append("\n"); };
  if (explanation_.rules.empty()) {
    note(explanation_.not_in_force.empty() ? "No rule speaks of it."
                                           : "No rule that is in force speaks of it.");
    if (explanation_.rules_below) note("Rules speak of what lies below it.");
    if (!explanation_.nearest.empty()) {
      note("The nearest path that a rule speaks of is " + shown_path(explanation_.nearest) + ".");
    }
  }
  for (const std::string& mount : explanation_.stopped_at) {
    note("Recursions stop at the mount point " + shown_path(mount) + ".");
  }
  return out;
}

std::vector<Cell> Block::row_of(const Decision& decision) const {
  const Finding& finding = decision.finding;
  std::vector<Cell> row(decision_gaps.size(), Cell(color_));
  row[0].add(name(finding.aspect));
  // Of an error the values say the same.
  if (finding.status != Status::error) row[1].add(name(finding.status), style_of(finding.status));
  add_values(row[finding.status == Status::error ? 1 : 2], finding);
  row[3].add(rule_text(policy_, finding.rule, finding.source));
  const std::string parts = parts_text(finding.aspect, decision.parts);
  if (!parts.empty()) row[3].add(", " + parts);
  add_message(row[4], finding);
  return row;
}

std::string Block::decisions() const {
  if (explanation_.decided.empty()) return "";
  Table table({decision_gaps.begin(), decision_gaps.end()}, narrowest_decided);
  for (const Decision& decision : explanation_.decided) table.add(row_of(decision));
  std::string out = heading("Decided") + table.text(decision_indent);
  if (explanation_.wrong_type) out += "    The type is wrong: nothing else is compared.\n";
  return out;
}

Cell Block::line_of(const ExplainedRule& explained) const {
  const Rule& rule = policy_.rules[explained.rule];
  Cell line(color_);
  line.add("    " + rule_text(policy_, explained.rule) + "  ");
  line.add(name(rule.severity), permward::style_of(rule.severity));
  line.add("  " + std::string(name(explained.kind)) + " " + shown_path(explained.path));
  if (!rule.enforce) line.add("  only reported (enforce = false)");
  if (!explained.note.empty()) line.add("  " + shown_text(explained.note), Style::notice);
  return line;
}

// Several alternatives of a rule often stand on one line; then what each has is told as one.
std::vector<OutrankedPart> by_line(const std::vector<OutrankedPart>& outranked) {
  std::vector<OutrankedPart> out;
  for (const OutrankedPart& by : outranked) {
    const auto known = std::find_if(out.begin(), out.end(), [&by](const OutrankedPart& other) {
      return other.rule == by.rule && other.source.file == by.source.file &&
             other.source.line == by.source.line;
    });
    if (known == out.end()) {
      out.push_back(by);
    } else {
      known->parts = static_cast<std::uint16_t>(known->parts | by.parts);
    }
  }
  return out;
}

std::string Block::outcome(const ExplainedClause& clause) const {
  std::string out;
  const std::string own = parts_text(clause.aspect, clause.decides);
  if (clause.decides != 0) out = "decides" + (own.empty() ? "" : " " + own);
  for (const OutrankedPart& by : by_line(clause.outranked)) {
    const std::string parts = parts_text(clause.aspect, by.parts);
    if (!out.empty()) out += "; ";
    out +=
        (parts.empty() ? "" : parts + " ") + "decided by " + rule_text(policy_, by.rule, by.source);
  }
  return out;
}

std::vector<Cell> Block::row_of(const ExplainedClause& clause) const {
  std::vector<Cell> row(clause_gaps.size(), Cell(color_));
  row[0].add(name(clause.aspect));
  if (clause.alternative != 0)
    row[0].add(" (alternative " + std::to_string(clause.alternative) + ")");
  row[1].add(shown_text(clause.says));
  row[2].add(place_text(policy_, clause.source));
  row[3].add(outcome(clause), clause.decides == 0 ? Style::dim : Style::plain);
  return row;
}

std::string Block::rules_text(const std::vector<ExplainedRule>& rules) const {
  Table table({clause_gaps.begin(), clause_gaps.end()}, narrowest_decided);
  for (const ExplainedRule& rule : rules) {
    table.add_line(line_of(rule));
    for (const ExplainedClause& clause : rule.clauses) table.add(row_of(clause));
  }
  return table.text(clause_indent);
}

std::string Block::rules() const {
  if (explanation_.rules.empty()) return "";
  std::string title = "Rules, the strongest first";
  if (explanation_.type == Type::absent) {
    title += ", as of an object of type " + std::string(name(explanation_.as));
  }
  return heading(title) + rules_text(explanation_.rules);
}

std::string Block::idle_rules() const {
  if (explanation_.not_in_force.empty()) return "";
  return heading("Without effect here") + rules_text(explanation_.not_in_force);
}

std::string waiver_text(const Policy& policy, const ExplainedWaiver& explained) {
  const Waiver& waiver = policy.waivers[explained.waiver];
  std::string out = printable(waiver.reason);
  if (!waiver.approved_by.empty()) out += ", approved by " + printable(waiver.approved_by);
  if (waiver.expires) {
    out += (explained.expired ? ", expired on " : ", until ") + date_text(*waiver.expires);
  }
  return out + " (" + place_text(policy, waiver.pos) + ")";
}

std::string Block::waivers() const {
  if (explanation_.waivers.empty()) return "";
  std::string out = heading("Waivers");
  for (const ExplainedWaiver& one : explanation_.waivers) {
    out += "    " + waiver_text(policy_, one) + '\n';
  }
  return out;
}

std::string Block::body() const {
  return notes() + decisions() + rules() + idle_rules() + waivers();
}

}  // namespace

void write_explain_text(const ExplainReport& report, const TextOptions& options, Sink& sink) {
  const bool all = options.detail == TextOptions::Detail::everything;
  std::string separator;
  for (const Explanation& explanation : report.explanations) {
    const Block block(*report.run.policy, explanation, options.color);
    sink.write(separator + block.head() + (all ? block.body() : ""));
    if (all) separator = "\n";
  }
  if (report.run.error) sink.write(verdict(report.run) + '\n');
}

}  // namespace permward
