// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include "report/escape.hpp"
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

// A cell of a table: text of several styles that knows how wide it is.
class Cell {
 public:
  explicit Cell(Color color) : color_(color) {}
  void add(std::string_view text, Style style = Style::plain) {
    text_ += styled(text, style, color_);
    width_ += text_width(text);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t width() const { return width_; }

 private:
  Color color_;
  std::string text_;
  std::size_t width_ = 0;
};

constexpr std::size_t columns = 4;  // aspect, values, rule, message
using Row = std::array<Cell, columns>;
constexpr std::array<std::size_t, columns> gap_after = {2, 3, 3, 0};
constexpr std::size_t narrowest_aspect = 6;  // so that the values of most blocks line up

// How grave a block is, from 0: passes, what is waived, then the severities.
std::size_t gravity(const Policy& policy, const Finding& finding) {
  if (finding.status == Status::pass) return 0;
  if (finding.status == Status::waived) return 1;
  return 2 + static_cast<std::size_t>(policy.rules[finding.rule].severity);
}

std::size_t gravity(const Policy& policy, Block block) {
  std::size_t gravest = 0;
  for (const Finding& finding : block) gravest = std::max(gravest, gravity(policy, finding));
  return gravest;
}

void add_gravity(Cell& cell, std::size_t gravity) {
  if (gravity == 0) return cell.add("pass", Style::good);
  if (gravity == 1) return cell.add("waived", Style::dim);
  const auto severity = static_cast<Severity>(gravity - 2);
  cell.add(name(severity), style_of(severity));
}

std::string rule_text(const Policy& policy, std::uint32_t index) {
  const Rule& rule = policy.rules[index];
  std::string out = rule.id;
  if (rule.pos.line == 0) return out;
  out += " (" + shown_path(policy.files[rule.pos.file].path) + ":" + std::to_string(rule.pos.line);
  return out + ")";
}

bool one_rule(Block block) {
  return std::all_of(block.begin(), block.end(), [&block](const Finding& finding) {
    return finding.rule == block.front().rule;
  });
}

// An ACL can be long; its message is the difference.
bool message_is_all(const Finding& finding) {
  if (finding.message.empty()) return false;
  const bool no_values = finding.expected.empty() && finding.actual.empty();
  return no_values || finding.aspect == Aspect::acl || finding.aspect == Aspect::default_acl;
}

void add_values(Cell& cell, const Finding& finding) {
  if (finding.status == Status::error) return cell.add("could not be verified", Style::notice);
  if (message_is_all(finding)) return cell.add(shown_text(finding.message), Style::bad);
  const bool pass = finding.status == Status::pass;
  cell.add(shown_text(finding.actual), pass ? Style::good : Style::bad);
  if (pass && finding.expected == finding.actual) return;
  cell.add(pass ? ", as demanded: " : " → ");
  cell.add(shown_text(finding.expected), Style::good);
}

void add_message(Cell& cell, const Finding& finding) {
  if (finding.status != Status::error && message_is_all(finding)) return;
  cell.add(shown_text(finding.message));
}

Row row_of(const Policy& policy, const Finding& finding, bool with_rule, Color color) {
  Row row{Cell(color), Cell(color), Cell(color), Cell(color)};
  row[0].add(name(finding.aspect));
  add_values(row[1], finding);
  if (with_rule) {
    add_gravity(row[2], gravity(policy, finding));
    row[2].add("  " + rule_text(policy, finding.rule));
  }
  add_message(row[3], finding);
  return row;
}

void append_rows(std::string& out, const std::vector<Row>& rows) {
  std::array<std::size_t, columns> widths = {narrowest_aspect, 0, 0, 0};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].width());
  }
  for (const Row& row : rows) {
    out += ' ';
    std::size_t pending = 1;  // blanks are written only before something
    for (std::size_t i = 0; i < columns; ++i) {
      if (row[i].width() > 0) {
        out.append(pending, ' ').append(row[i].text());
        pending = 0;
      }
      if (widths[i] > 0) pending += widths[i] - row[i].width() + gap_after[i];
    }
    out += '\n';
  }
}

std::string block_text(const Policy& policy, Block block, Color color) {
  const Finding& first = block.front();
  const bool with_rules = !one_rule(block);
  Cell head(color);
  head.add(shown_path(first.path), Style::bold);
  if (!first.resolved.empty()) head.add(" (" + shown_path(first.resolved) + ")");
  head.add("  ");
  add_gravity(head, gravity(policy, block));
  if (!with_rules) head.add("  " + rule_text(policy, first.rule));

  std::string out = head.text() + '\n';
  std::vector<Row> rows;
  for (const Finding& finding : block) {
    rows.push_back(row_of(policy, finding, with_rules, color));
  }
  append_rows(out, rows);
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
      sink.write(block_text(*report.policy, block, options.color));
    }
  }
  const Style style = report.summary.in_policy ? Style::good : Style::bad;
  sink.write(styled(verdict(report), style, options.color) + '\n');
}

}  // namespace permward
