// SPDX-License-Identifier: Apache-2.0
#include "report/verdict.hpp"

#include "builders.hpp"
#include "support/catch.hpp"

using namespace permward;
using namespace permward::test;

TEST_CASE("the verdict counts violations, the objects that have them, and the rules") {
  const Policy rules = policy();
  const RunReport report =
      run(rules,
          {finding("/a", Aspect::owner, "bob", "root"), finding("/a", Aspect::mode, "0666", "0640"),
           finding("/b", Aspect::mode, "0666", "0640")},
          48);
  REQUIRE(verdict(report) ==
          "3 violations in 2 of 48 objects (2 rules). `permward apply --dry-run` shows the "
          "correction.");
}

TEST_CASE("the verdict of an apply counts what became of things") {
  const Policy rules = policy();
  std::vector<Finding> findings = {
      with_status(finding("/a", Aspect::mode, "0666", "0640"), Status::corrected),
      with_status(finding("/a", Aspect::owner, "bob", "root"), Status::failed),
      with_status(finding("/b", Aspect::mode, "0666", "0640"), Status::refused),
      finding("/c", Aspect::presence, "absent", "present")};
  RunReport report = run(rules, findings, 9);
  report.command = "apply";
  report.summary.violations = 1;
  report.summary.corrected = 1;
  report.summary.failed = 1;
  report.summary.refused = 1;
  REQUIRE(verdict(report) ==
          "1 violation, 1 corrected, 1 refused and 1 failed in 3 of 9 objects (2 rules).");
  for (Finding& one : findings) one.status = Status::would_correct;
  report = run(rules, findings, 9);
  report.command = "apply";
  report.summary.violations = 0;
  report.summary.would_correct = 4;
  REQUIRE(verdict(report) ==
          "4 would be corrected in 3 of 9 objects (2 rules). `permward apply` does it.");
}

TEST_CASE("an object to which two paths lead is one") {
  const Policy rules = policy();
  std::vector<Finding> findings = {finding("/b/x", Aspect::mode, "0666", "0640"),
                                   finding("/b/y", Aspect::mode, "0666", "0640"),
                                   finding("/link/x", Aspect::owner, "bob", "root")};
  findings.back().resolved = "/b/x";
  REQUIRE(
      verdict(run(rules, findings, 2)) ==
      "3 violations in 2 of 2 objects (2 rules). `permward apply --dry-run` shows the correction.");
}

TEST_CASE("the verdict says what could not be verified and what was waived") {
  const Policy rules = policy();
  const RunReport report =
      run(rules,
          {with_status(finding("/a", Aspect::acl, "", "none", "denied"), Status::error),
           with_status(finding("/b", Aspect::mode, "0666", "0640"), Status::waived)},
          3);
  REQUIRE(verdict(report) ==
          "No violations in 3 objects (2 rules). 1 could not be verified. 1 waived.");
}

TEST_CASE("nothing to look at is said as such") {
  const Policy rules = policy();
  REQUIRE(verdict(run(rules, {}, 0)) ==
          "0 objects: nothing that a rule speaks of is there (2 rules).");
  RunReport one_selected = run(rules, {}, 0);
  one_selected.selection.emplace();
  one_selected.selection->rules = 1;
  one_selected.rules_here = 1;
  REQUIRE(verdict(one_selected) ==
          "0 objects: nothing is there that a selected rule decides (1 of 2 rules selected).");
}

TEST_CASE("rules whose condition does not hold are told apart") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 1);
  report.rules_here = 1;
  REQUIRE(verdict(report) == "No violations in 1 object (1 of 2 rules apply here).");
  report.rules_here = 0;
  REQUIRE(verdict(report) == "No rule applies here: of 2 rules no 'when' holds.");
}

TEST_CASE("a separate /home that was not entered is named, pseudo file systems are counted") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 5);
  report.not_entered = {{"/home", "ext4", false},
                        {"/proc", "proc", true},
                        {"/srv/da\nta", "xfs", false},
                        {"/sys", "sysfs", true}};
  REQUIRE(verdict(report) ==
          "No violations in 5 objects (2 rules). Not entered: /home (ext4), /srv/da\\x0ata (xfs) "
          "and 2 pseudo file systems.");
}

TEST_CASE("a hundred containers do not hide a separate /home") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 5);
  for (int i = 0; i < 100; ++i) {
    report.not_entered.push_back({"/a/b/" + std::to_string(i), "overlay", false});
  }
  report.not_entered.push_back({"/home", "ext4", false});
  const std::string text = verdict(report);
  REQUIRE(text.find("Not entered: /home (ext4), /a/b/0 (overlay), ") != std::string::npos);
  REQUIRE(text.find(" and 91 other file systems.") != std::string::npos);
}

TEST_CASE("an interrupted run does not look like a whole one") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 5);
  report.interrupted = true;
  REQUIRE(verdict(report) == "Interrupted, this is not all: no violations in 5 objects (2 rules).");
  report.summary.objects = 0;
  REQUIRE(verdict(report) == "Interrupted, this is not all: no violations in 0 objects (2 rules).");
}

TEST_CASE("what ended a run is its verdict") {
  const Policy rules = policy();
  RunReport report = run(rules, {}, 0);
  report.error = Error{ErrorKind::io, "read", "/proc/self/mountinfo", 5};
  REQUIRE(verdict(report) ==
          "The run did not come to its end: could not read /proc/self/mountinfo: Input/output "
          "error.");
}

TEST_CASE("the verdict on a policy says whether it is valid and how much was read") {
  REQUIRE(verdict(validation({})) == "Valid: 2 files, 2 rules.");
  const Diagnostic warning = mistake("W0603", Diagnostic::Severity::warning);
  const Diagnostic error = mistake("E0201", Diagnostic::Severity::error);
  REQUIRE(verdict(validation({warning})) == "Valid: 2 files, 2 rules, 1 warning.");
  REQUIRE(verdict(validation({error, warning, error})) ==
          "Invalid: 2 errors and 1 warning in 2 files.");
  Validation absent = validation({error});
  absent.files.clear();
  REQUIRE(verdict(absent) == "Invalid: 1 error.");
}

TEST_CASE("the verdict on a policy without a rule says what that means") {
  Validation empty = validation({});
  empty.rules = 0;
  REQUIRE(verdict(empty) == "Valid: 2 files, 0 rules; a check would have nothing to look at.");
  empty.disabled = 1;
  REQUIRE(verdict(empty) ==
          "Valid: 2 files, 0 rules (1 disabled); a check would have nothing to look at.");
}

TEST_CASE("what is not shown of a policy is not counted as one") {
  const Diagnostic error = mistake("E0201", Diagnostic::Severity::error);
  const Diagnostic warning = mistake("W0603", Diagnostic::Severity::warning);
  REQUIRE(verdict(validation({error, mistake("E0199", Diagnostic::Severity::error), warning,
                              mistake("W0199", Diagnostic::Severity::warning)})) ==
          "Invalid: more than 1 error and more than 1 warning in 2 files.");
}

TEST_CASE("a validation that did not come to its end is not valid") {
  Validation broken = validation({});
  broken.error = Error{ErrorKind::io, "write", "/x", 28};
  REQUIRE_FALSE(broken.valid());
  REQUIRE(verdict(broken) ==
          "The run did not come to its end: could not write /x: No space left on device.");
}
