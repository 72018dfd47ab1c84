// SPDX-License-Identifier: Apache-2.0
#include "report/cells.hpp"

#include "report/escape.hpp"

namespace permward {
namespace {

// An ACL can be long; its message is the difference.
bool message_is_all(const Finding& finding) {
  if (finding.message.empty()) return false;
  const bool no_values = finding.expected.empty() && finding.actual.empty();
  return no_values || finding.aspect == Aspect::acl || finding.aspect == Aspect::default_acl;
}

}  // namespace

std::string place_text(const Policy& policy, const Pos& pos) {
  if (pos.line == 0) return "";
  return shown_path(policy.files[pos.file].path) + ":" + std::to_string(pos.line);
}

std::string rule_text(const Policy& policy, std::uint32_t rule, const Pos& pos) {
  if (rule == of_no_rule) return "";
  const std::string place = place_text(policy, pos);
  return policy.rules[rule].id + (place.empty() ? "" : " (" + place + ")");
}

std::string rule_text(const Policy& policy, std::uint32_t rule) {
  return rule == of_no_rule ? "" : rule_text(policy, rule, policy.rules[rule].pos);
}

Severity severity_of(const Policy& policy, const Finding& finding) {
  return finding.rule == of_no_rule ? Rule{}.severity : policy.rules[finding.rule].severity;
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
  const bool told = finding.status != Status::error && message_is_all(finding);
  const std::string message = told ? "" : shown_text(finding.message);
  // What became of it; a dry run shows by its plan what would.
  if (finding.status == Status::corrected) {
    cell.add(name(finding.status), Style::good);
    if (!message.empty()) cell.add(" (" + message + ")");
    return;
  }
  if (finding.status == Status::refused || finding.status == Status::failed) {
    cell.add(name(finding.status), Style::notice);
    const std::string why = finding.reason.empty() ? message : shown_text(finding.reason);
    return cell.add(why.empty() ? "" : ": " + why);
  }
  cell.add(message);
  if (!finding.reason.empty()) cell.add((message.empty() ? "" : "; ") + shown_text(finding.reason));
}

}  // namespace permward
