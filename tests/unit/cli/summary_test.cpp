// SPDX-License-Identifier: Apache-2.0
#include "cli/summary.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

Finding finding(Status status) {
  Finding out;
  out.status = status;
  return out;
}

Summary summary_of(std::vector<Finding> findings) {
  CheckOutcome outcome;
  outcome.findings = std::move(findings);
  RunReport report;
  take_outcome(report, std::move(outcome));
  return report.summary;
}

}  // namespace

TEST_CASE("each status has its count, and a pass none") {
  const Summary summary = summary_of(
      {finding(Status::pass), finding(Status::violation), finding(Status::violation),
       finding(Status::waived), finding(Status::error), finding(Status::corrected),
       finding(Status::would_correct), finding(Status::refused), finding(Status::failed)});
  REQUIRE(summary.violations == 2);
  REQUIRE(summary.waived == 1);
  REQUIRE(summary.errors == 1);
  REQUIRE(summary.corrected == 1);
  REQUIRE(summary.would_correct == 1);
  REQUIRE(summary.refused == 1);
  REQUIRE(summary.failed == 1);
}

TEST_CASE("passes and what is waived are in policy, violations and errors are not") {
  REQUIRE(summary_of({}).in_policy);
  REQUIRE(summary_of({finding(Status::pass), finding(Status::waived)}).in_policy);
  REQUIRE_FALSE(summary_of({finding(Status::violation)}).in_policy);
  REQUIRE_FALSE(summary_of({finding(Status::error)}).in_policy);
}

TEST_CASE("a run that was interrupted is not in policy, whatever it found") {
  CheckOutcome outcome;
  outcome.interrupted = true;
  RunReport report;
  take_outcome(report, std::move(outcome));
  REQUIRE(report.interrupted);
  REQUIRE_FALSE(report.summary.in_policy);
}

TEST_CASE("all that a check came to reaches the report") {
  CheckOutcome outcome;
  outcome.objects = 5;
  outcome.compliant = 4;
  outcome.rules_here = 3;
  outcome.not_entered = {{"/home", "ext4", false}};
  outcome.findings = {finding(Status::violation)};
  RunReport report;
  take_outcome(report, std::move(outcome));
  REQUIRE(report.summary.objects == 5);
  REQUIRE(report.summary.compliant == 4);
  REQUIRE(report.rules_here == 3);
  REQUIRE(report.not_entered.size() == 1);
  REQUIRE(report.findings.size() == 1);
}
