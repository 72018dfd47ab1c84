// SPDX-License-Identifier: Apache-2.0
//
// A run that may change what it finds: apply, restore and undo. Layer `cli`.
#pragma once

#include "cli/policy_run.hpp"
#include "cli/state.hpp"
#include "engine/apply.hpp"
#include "engine/evidence.hpp"
#include "model/file_stamp.hpp"
#include "os/changer.hpp"
#include "store/refused_inodes.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace permward {

class ChangingRun : public PolicyRun {
 public:
  explicit ChangingRun(const Invocation& invocation);
  ~ChangingRun() override;

 protected:
  // Whether there has to be a state directory; if not, and there is none, nothing is done.
  [[nodiscard]] virtual StateDir::Missing without_state() const = 0;
  // Before anything is looked at: whatever the command needs of the state directory. `journal` is
  // of the run that begins; null: nothing will be written down. Not `in_policy` ends the run.
  [[nodiscard]] virtual ExitStatus prepare(const System& system, Journal* journal) = 0;
  // What is done, and, without a changer, planned.
  [[nodiscard]] virtual Result<ApplyOutcome> work(const System& system, const CheckOptions& asked,
                                                  const Hands& hands) = 0;

  ExitStatus start(const System& system, CheckOptions& asked) override;
  Result<CheckOutcome> look(const System& system, const CheckOptions& asked) override;
  ExitStatus outcome() override;

  // All that it keeps to change anything.
  [[nodiscard]] virtual Rights rights() const { return Rights::corrects; }

  // What may be done about owners whose names have other numbers here.
  [[nodiscard]] virtual std::string_view other_ids_hint() const { return ""; }

  // Whether a journal that cannot be used is no reason to end: then nothing is written down.
  [[nodiscard]] virtual bool goes_on_without_journal() const { return false; }

  [[nodiscard]] std::uint64_t changed() const { return changed_; }
  // Null of a dry run, and of one that has none.
  [[nodiscard]] const StateDir* state() const { return state_ ? &state_->directory : nullptr; }
  // Copies of what is lost go there; none is kept where there is no state directory.
  Result<void> open_evidence(const System& system);
  [[nodiscard]] Evidence* evidence();
  // Of a run that puts back what was accepted: under --root no program verifies it.
  void tell_of_unverified(const System& system, const CheckOutcome& found);
  // From now on nothing is written down of this run.
  void go_on_without_journal();

 private:
  struct KeptEvidence;
  ExitStatus rehearse(const System& system, CheckOptions& asked);
  Result<void> begin(const System& system);
  Result<void> settle_killed_runs(const System& system);
  void remember(const std::vector<StampedFile>& stamped);
  void end_run();
  Result<void> recall(const System& system);

  std::optional<LockedState> state_;  // goes last
  std::unique_ptr<KeptEvidence> evidence_;
  std::optional<JournalledRun> journalled_;
  bool written_down_ = true;
  RefusedInodes refused_;  // of a run that writes nothing down
  std::uint64_t changed_ = 0;
};

// Whether the caller may; else says what he may do instead.
[[nodiscard]] bool allowed_to_change(const Options& options, std::string_view command);

}  // namespace permward
