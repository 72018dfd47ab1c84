// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include "report/cells.hpp"
#include "report/diff_text.hpp"
#include "report/escape.hpp"
#include "report/table.hpp"
#include "report/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

using Block = std::span<const Finding>;

constexpr std::size_t columns = 4;  // aspect, values, rule, message
constexpr std::array<std::size_t, columns> gap_after = {2, 3, 3, 0};

// How grave a block is, from 0: passes, what is waived, what is corrected, then the severities.
std::size_t gravity(const Policy& policy, const Finding& finding) {
  if (finding.status == Status::pass) return 0;
  if (finding.status == Status::waived) return 1;
  if (finding.status == Status::corrected) return 2;
  return 3 + static_cast<std::size_t>(severity_of(policy, finding));
}

std::size_t gravity(const Policy& policy, Block block) {
  std::size_t gravest = 0;
  for (const Finding& finding : block) gravest = std::max(gravest, gravity(policy, finding));
  return gravest;
}

void add_gravity(Cell& cell, std::size_t gravity) {
  if (gravity == 0) return cell.add("pass", Style::good);
  if (gravity == 1) return cell.add("waived", Style::dim);
  if (gravity == 2) return cell.add("corrected", Style::good);
  const auto severity = static_cast<Severity>(gravity - 3);
  cell.add(name(severity), style_of(severity));
}

void add_rule(Cell& cell, const Policy& policy, const Finding& finding) {
  const std::string rule = rule_text(policy, finding.rule);
  if (!rule.empty()) cell.add("  " + rule);
}

bool one_rule(Block block) {
  return std::all_of(block.begin(), block.end(), [&block](const Finding& finding) {
    return finding.rule == block.front().rule;
  });
}

std::vector<Cell> row_of(const Policy& policy, const Finding& finding, bool with_rule,
                         Color color) {
  std::vector<Cell> row(columns, Cell(color));
  row[0].add(name(finding.aspect));
  add_values(row[1], finding);
  if (with_rule) {
    add_gravity(row[2], gravity(policy, finding));
    add_rule(row[2], policy, finding);
  }
  add_message(row[3], finding);
  return row;
}

// "plan    mode 0640, then owner root"; nothing where nothing would be done.
std::string plan_line(const RunReport& report, const SharedPath& object) {
  const auto at = std::lower_bound(
      report.plan.begin(), report.plan.end(), object,
      [](const PlannedObject& planned, const SharedPath& path) { return planned.path < path; });
  if (at == report.plan.end() || !(at->path == object)) return "";
  std::string out = std::string(block_indent, ' ') + "plan  ";
  for (const std::string& action : at->actions) {
    out += (&action == &at->actions.front() ? "  " : ", then ") + shown_text(action);
  }
  return out + '\n';
}

std::string block_text(const RunReport& report, Block block, Color color) {
  const Policy& policy = *report.policy;
  const Finding& first = block.front();
  const bool with_rules = !one_rule(block);
  Cell head(color);
  head.add(shown_path(first.path.text()), Style::bold);
  if (!first.resolved.empty()) head.add(" (" + shown_path(first.resolved.text()) + ")");
  head.add("  ");
  add_gravity(head, gravity(policy, block));
  if (!with_rules) add_rule(head, policy, first);

  Table table({gap_after.begin(), gap_after.end()}, narrowest_aspect);
  for (const Finding& finding : block) table.add(row_of(policy, finding, with_rules, color));
  std::string out =
      head.text() + '\n' + table.text(block_indent) + plan_line(report, first.object());
  for (const Finding& finding : block) {
    out += shown_diff(finding.diff, 2 * block_indent, color);
  }
  return out;
}

bool same_object(const Finding& a, const Finding& b) {
  return a.path == b.path && a.resolved == b.resolved;
}

// The objects of a report, the most severe last; of equals in the order of the report, which is
// that of their paths.
std::vector<Block> blocks_of(const RunReport& report) {
  struct Ranked {
    std::size_t gravity;
    Block block;
  };
  std::vector<Ranked> ranked;
  const std::vector<Finding>& findings = report.findings;
  for (std::size_t first = 0; first < findings.size();) {
    std::size_t end = first + 1;
    while (end < findings.size() && same_object(findings[first], findings[end])) ++end;
    const Block block(&findings[first], end - first);
    ranked.push_back({gravity(*report.policy, block), block});
    first = end;
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.gravity < b.gravity; });
  std::vector<Block> blocks;
  blocks.reserve(ranked.size());
  for (const Ranked& entry : ranked) blocks.push_back(entry.block);
  return blocks;
}

}  // namespace

void write_text(const RunReport& report, const TextOptions& options, Sink& sink) {
  if (options.detail == TextOptions::Detail::everything) {
    for (const Block block : blocks_of(report)) {
      sink.write(block_text(report, block, options.color));
    }
  }
  const Style style = report.summary.in_policy ? Style::good : Style::bad;
  sink.write(styled(verdict(report), style, options.color) + '\n');
}

void write_text(const Validation& validation, const TextOptions& options, Sink& sink) {
  const Style style = validation.valid() ? Style::good : Style::bad;
  sink.write(styled(verdict(validation), style, options.color) + '\n');
}

}  // namespace permward
