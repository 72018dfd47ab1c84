// SPDX-License-Identifier: Apache-2.0
//
// From objects that a walk found out of policy to what they are to become, and what is said of
// them. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "decide/steps.hpp"
#include "engine/apply.hpp"
#include "engine/executor.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/survey.hpp"
#include "engine/suspects.hpp"
#include "engine/task.hpp"
#include "engine/verdicts.hpp"
#include "model/control.hpp"
#include "model/snapshot.hpp"
#include "os/observe.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class Corrector final : private Tasks {
 public:
  // All must outlive it. What becomes of each suspect takes the place of what `found` tells of it:
  // where the run is stopped, what was not come to is told as it was found. For one thread, which
  // has a working directory of its own.
  Corrector(const Ground& ground, const ApplyOptions& options, const Hands& hands,
            Suspects suspects, CheckOutcome& found);

  // Of a rehearsal, before `correct`: directories that are to be there by then, those above first.
  void expect(const std::vector<SnapshotObject>& directories);

  void correct();

  // Objects that were changed, or would be.
  [[nodiscard]] std::uint64_t changed() const { return executor_.changed(); }
  [[nodiscard]] std::vector<PlannedObject> take_plan();
  // Of the journal; then what was left is as it was found.
  [[nodiscard]] const std::optional<Error>& error() const { return executor_.record().error(); }
  // As of the executor.
  void give_up(const Error& error) { executor_.give_up(error); }
  [[nodiscard]] Result<void> make_durable() { return executor_.make_durable(); }

 private:
  struct Case final : Task {
    Demand demand;
    std::vector<Verdict> verdicts;   // none of what is still to be made
    std::optional<Finding> absence;  // of what was missing, and is to be made
    ControlPtr control;              // then: of the directory that it is to lie in
  };
  static Case& case_of(Task& task) { return static_cast<Case&>(task); }

  [[nodiscard]] std::size_t size() const override { return suspects_.size(); }
  TaskPtr look(std::size_t index) override;
  Result<void> observe(Task& task, const WayPtr& way) override;
  void plan_made(Task& task) override;
  void rehearse(Task& task) override;
  bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) override;
  void leave(Task& task) override;

  Result<void> open(Case& one, Held named);
  void decide(Case& one);
  bool plan_to_make(Case& one);
  void plan_absent(Case& one);
  [[nodiscard]] Result<ControlPtr> control_above(const Suspect& suspect);
  void surround(Case& one) const;
  void lost(const Case& one, const Error& error);
  static bool settle_absence(Case& one, const Result<void>& acted);
  void spoil(const Case& one, Finding& finding, Status now);
  void refuse(const Case& one, Finding& finding);
  [[nodiscard]] std::string why_not(const Case& one);
  Steps::Place place_of(const Suspect& suspect);

  const Ground& ground_;
  const ApplyOptions& options_;
  std::vector<Suspect> suspects_;
  CheckOutcome& found_;
  ToldFindings told_;
  Observer observer_;
  Steps steps_;
  Judge judge_;
  Executor executor_;
  std::vector<PlannedObject> plan_;
  std::map<Suspect, ControlPtr> planned_;  // directories that would be there by then
};

}  // namespace permward
