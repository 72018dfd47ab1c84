// SPDX-License-Identifier: Apache-2.0
// A run to report on: two rules of one file, and findings made in a line.
#pragma once

#include "model/run.hpp"
#include "model/validation.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace permward::test {

inline Rule rule(std::string id, Severity severity, std::uint32_t line) {
  Rule out;
  out.id = std::move(id);
  out.severity = severity;
  out.pos = {0, line, 1};
  return out;
}

// `nginx-conf` (critical, line 12) is rule 0, `nginx-tree` (medium, line 30) rule 1.
inline Policy policy() {
  Policy out;
  out.files = {{"web.toml", std::string(64, 'a')}};
  out.digest = std::string(64, 'b');
  out.rules = {rule("nginx-conf", Severity::critical, 12),
               rule("nginx-tree", Severity::medium, 30)};
  return out;
}

inline Finding finding(std::string path, Aspect aspect, std::string actual, std::string expected,
                       std::string message = {}, std::uint32_t rule = 0) {
  Finding out;
  out.path = std::move(path);
  out.aspect = aspect;
  out.type = Type::file;
  out.actual = std::move(actual);
  out.expected = std::move(expected);
  out.message = std::move(message);
  out.rule = rule;
  out.source = {0, 19, 1};
  return out;
}

inline Finding with_status(Finding finding, Status status) {
  finding.status = status;
  return finding;
}

// The counts of the summary follow from the findings, but for `objects`.
inline RunReport run(const Policy& policy, std::vector<Finding> findings, std::uint64_t objects) {
  RunReport out;
  out.command = "check";
  out.version = "0.1.0";
  out.hostname = "web1";
  out.started = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(10) +
                std::chrono::milliseconds(123);
  out.duration = std::chrono::milliseconds(41);
  out.policy = &policy;
  out.rules = out.rules_here = policy.rules.size();
  out.findings = std::move(findings);
  out.summary.objects = objects;
  for (const Finding& finding : out.findings) {
    if (finding.status == Status::violation) ++out.summary.violations;
    if (finding.status == Status::waived) ++out.summary.waived;
    if (finding.status == Status::error) ++out.summary.errors;
  }
  out.summary.in_policy = out.summary.violations == 0 && out.summary.errors == 0;
  return out;
}

inline Diagnostic mistake(std::string code, Diagnostic::Severity severity) {
  Diagnostic out;
  out.code = std::move(code);
  out.severity = severity;
  out.message = "a mistake";
  return out;
}

// Of two files and two rules.
inline Validation validation(Diagnostics diagnostics) {
  Validation out;
  out.command = "validate";
  out.version = "0.1.0";
  out.files = {{"a.toml", std::string(64, 'a')}, {"b\xff.toml", std::string(64, 'b')}};
  out.rules = 2;
  out.diagnostics = std::move(diagnostics);
  return out;
}

}  // namespace permward::test
