// SPDX-License-Identifier: Apache-2.0
#include "cli/summary.hpp"

#include <utility>

namespace permward {
namespace {

void count(Summary& summary, Status status) {
  switch (status) {
    case Status::pass:
      return;
    case Status::violation:
      ++summary.violations;
      return;
    case Status::corrected:
      ++summary.corrected;
      return;
    case Status::would_correct:
      ++summary.would_correct;
      return;
    case Status::refused:
      ++summary.refused;
      return;
    case Status::failed:
      ++summary.failed;
      return;
    case Status::waived:
      ++summary.waived;
      return;
    case Status::error:
      ++summary.errors;
      return;
  }
}

}  // namespace

void take_outcome(RunReport& report, CheckOutcome outcome) {
  Summary& summary = report.summary;
  summary.objects = outcome.objects;
  summary.compliant = outcome.compliant;
  for (const Finding& finding : outcome.findings) count(summary, finding.status);
  summary.in_policy = summary.violations == 0 && summary.errors == 0 &&
                      summary.would_correct == 0 && summary.refused == 0 && summary.failed == 0 &&
                      !outcome.interrupted && !report.error;
  report.rules_here = outcome.rules_here;
  report.interrupted = outcome.interrupted;
  report.not_entered = std::move(outcome.not_entered);
  report.findings = std::move(outcome.findings);
}

}  // namespace permward
