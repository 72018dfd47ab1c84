// SPDX-License-Identifier: Apache-2.0
//
// From an object that a walk found out of policy to one that is in it: held by one descriptor,
// observed anew, planned, written down, changed, observed again. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "decide/restraint.hpp"
#include "decide/steps.hpp"
#include "engine/apply.hpp"
#include "engine/judge.hpp"
#include "engine/survey.hpp"
#include "os/changer.hpp"
#include "os/observe.hpp"
#include "store/journal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// An object of which something is to be corrected: the names of its path, links followed.
using Suspect = std::vector<std::string>;

// Those that `found` speaks of, what lies below before what it lies in. Their findings are taken
// out: they are made anew from what is seen then. The other findings are waived as they may be.
[[nodiscard]] std::vector<Suspect> take_suspects(const Ground& ground,
                                                 std::chrono::year_month_day today,
                                                 CheckOutcome& found);

class Corrector {
 public:
  // All must outlive it. For one thread, which has a working directory of its own.
  Corrector(const Ground& ground, const ApplyOptions& options, const Hands& hands);

  // Adds what became of each to `found`. Some hundreds at a time are held, planned and written
  // down together, and then changed one after the other.
  void correct(const std::vector<Suspect>& suspects, CheckOutcome& found);

  // Objects that were changed, or would be.
  [[nodiscard]] std::uint64_t changed() const { return changed_; }
  [[nodiscard]] std::vector<PlannedObject> take_plan();
  // Of the journal; then what was left is as it was found.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  // One look at one object, and what is to become of it.
  struct Case {
    Suspect names;
    std::string path;
    Fd held;
    Demand demand;
    Observed observed;  // what lends bytes is good until the next look
    std::vector<Judged> judged;
    std::vector<Finding> findings;  // one a judged
    std::vector<bool> to_correct;   // one a judged
    Surroundings around;
    ObjectState now;
    Restrained reach;
    std::vector<bool> within_reach;  // one a judged: in policy once it is there
    std::vector<Action> actions;
    bool changed = false;
  };
  using CasePtr = std::unique_ptr<Case>;
  using Cases = std::vector<CasePtr>;

  [[nodiscard]] bool interrupted(CheckOutcome& found) const;
  [[nodiscard]] bool stopped(CheckOutcome& found) const;
  void take(const Suspect& suspect, CheckOutcome& found);
  CasePtr look(const Suspect& suspect, CheckOutcome& found);
  Result<void> open(Case& one, ControlPtr& control);
  Result<void> observe(Case& one);
  void decide(Case& one, const ControlPtr& control);
  void surround(Case& one, const ControlPtr& control) const;
  [[nodiscard]] bool refused_before(const Case& one, const ObjectState& wanted);
  void refuse_from_now_on(const Case& one);
  void lost(const Case& one, const Error& error, CheckOutcome& found);

  void carry_out(CheckOutcome& found);
  bool write_down(const Cases& cases, std::uint64_t& first);
  bool remember();
  void correct_one(CasePtr one, std::uint64_t sequence, CheckOutcome& found);
  [[nodiscard]] bool as_seen(const Case& one);
  Result<void> act(Case& one);
  void put_back(const Case& one, AttributeSet lifted);
  [[nodiscard]] bool still_there(const Case& one);
  bool settle(Case& one, const Result<void>& acted);
  void spoil(Case& one, std::size_t i, Status now);
  void note_outcome(const Case& one, std::uint64_t sequence, std::string_view status);
  void write_outcomes();
  void leave(Case& one, CheckOutcome& found);
  void plan_only(Case& one);
  [[nodiscard]] std::string why_not(const Case& one);
  Steps::Place place_of(const Suspect& suspect);

  const Ground& ground_;
  const ApplyOptions& options_;
  Hands hands_;
  Observer observer_;
  Steps steps_;
  Judge judge_;
  std::size_t most_held_;
  Cases pending_;
  std::vector<Outcome> outcomes_;
  std::vector<ArmRefusal> refusals_;  // not written down yet
  std::vector<PlannedObject> plan_;
  std::uint64_t changed_ = 0;
  std::optional<Error> error_;
};

}  // namespace permward
