// SPDX-License-Identifier: Apache-2.0
//
// The part of an apply that goes by what was accepted: what is pinned comes back, and what must not
// be there goes, of which a copy is kept. Layer `engine`.
#pragma once

#include "decide/steps.hpp"
#include "engine/apply.hpp"
#include "engine/ruled_states.hpp"
#include "engine/survey.hpp"
#include "model/finding.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class CopiesPart {
 public:
  // Takes from `found` the findings of objects that are to be restored or removed; `gone` stays as
  // it is. Both are waived as they may be. All must outlive it.
  CopiesPart(const Ground& ground, const ApplyOptions& options, CheckOutcome& found,
             std::vector<Finding>& gone);

  // Restores and removes, or says what would be. Errors of the journal are in the result.
  Result<ApplyOutcome> carry_out(const Hands& hands);

  // What was found of objects that it does not put back or remove: the rest of them may be
  // corrected all the same.
  [[nodiscard]] std::vector<Finding> left_by(const ApplyOutcome& done) const;

  // Of a rehearsal: the directories that would be there by then, those above first.
  [[nodiscard]] std::vector<SnapshotObject> directories_to_come(const ApplyOutcome& done);

  // What was found of the objects, and what became of it, goes where it was taken from. Of what is
  // told by `again` too, in the end only that stays.
  void settle(const ApplyOutcome& done, CheckOutcome& found);

  // Paths of what is there now, of which the rules may demand more.
  [[nodiscard]] const std::vector<std::string>& restored() const { return restored_; }
  [[nodiscard]] bool empty() const { return objects_.empty(); }

 private:
  void want(const Finding& finding);
  void want_made(const Finding& finding);
  void add_way_to(const std::string& path);
  void take_findings(std::vector<Finding>& from);

  const Ground& ground_;
  const ApplyOptions& options_;
  std::vector<Finding>& gone_;
  Steps steps_;
  RuledStates ruled_;
  std::vector<SnapshotObject> objects_;  // by path
  std::vector<std::string> wanted_;      // paths of those that findings speak of
  std::vector<Finding> taken_;
  std::vector<std::string> restored_;
  std::vector<std::string> unknown_;  // paths of what no whole generation has any more
};

}  // namespace permward
