// SPDX-License-Identifier: Apache-2.0
//
// What a run writes down of its tasks: before they are carried out what is to be changed, and a
// copy of what would be lost; afterwards what has become of it. Where there is no journal only the
// copies are kept, if anywhere. Layer `engine`, for `Executor`.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "engine/task.hpp"
#include "os/observe.hpp"
#include "store/journal_rows.hpp"
#include "store/refused_inodes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// Gives hands that have a journal the refusals in it, in `room`, unless they have some. Errors:
// those of the journal.
[[nodiscard]] Result<void> recall_refusals(Hands& hands, RefusedInodes& room);

// What is taken away for the time of the work, and is to be there again; of what is to be removed,
// in case that it cannot be.
[[nodiscard]] AttributeSet lifted_by(const Task& task);

class RunRecord {
 public:
  // One a task: why no copy could be kept of what it is to lose.
  using Unkept = std::vector<std::optional<Error>>;

  // Both must outlive it.
  RunRecord(const Hands& hands, Observer& observer) : hands_(hands), observer_(observer) {}

  // Of the journal; then nothing more is to be changed.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  // As if the journal had said so.
  void give_up(const Error& error) { error_ = error; }

  // Whether an earlier run would not arm that inode. Owner and mode may be right by now; what is in
  // it may still be what somebody wrote, or writes, through a descriptor that he has open.
  [[nodiscard]] bool refused_before(const Observed& observed, const ObjectState& wanted) const;
  // Is written down before the object is changed.
  void refuse_from_now_on(const Observed& observed);

  // All of them are on the disk before the first is changed; `first` is its number, and the others
  // have those that follow. False: `error` says why not.
  [[nodiscard]] bool begin(const std::vector<TaskPtr>& tasks, std::uint64_t& first);
  [[nodiscard]] Unkept keep_evidence(const std::vector<TaskPtr>& tasks);
  // The refusals. False: `error` says why not.
  bool remember();

  // For what is made beside the object of a task.
  [[nodiscard]] std::string scratch_name_of(const Task& task, std::uint64_t sequence) const;

  // `observed`: whether what the object is now is known.
  void end(const Task& task, std::uint64_t sequence, std::string_view status, bool observed);
  void leave(const Task& task, std::uint64_t sequence);
  void write_ends();

 private:
  const Hands& hands_;
  Observer& observer_;
  std::vector<Outcome> ends_;
  std::vector<ArmRefusal> refusals_;  // not written down yet
  std::optional<Error> error_;
};

}  // namespace permward
