// SPDX-License-Identifier: Apache-2.0
//
// Carrying out the tasks of a run: some hundred objects at a time are held, planned and written
// down together, and then changed one after the other, each through the descriptor that it was
// observed by; new inodes for some of them are made before these are (`Installs`). Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "engine/apply.hpp"
#include "engine/installs.hpp"
#include "engine/run_record.hpp"
#include "engine/task.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/sync_later.hpp"
#include "os/system.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class Executor {
 public:
  // All must outlive it; `stop` may be null. For one thread, which has a working directory of its
  // own.
  Executor(const System& system, SafeOpen& safe_open, Observer& observer, const Hands& hands,
           const std::atomic<bool>* stop);

  // Until all are done, or `stop` is set: what was not come to by then is not looked at, but for
  // what is owed.
  void carry_out(Tasks& tasks);

  // All that was changed is on the disk then, names and metadata, too. Errors: those of
  // `SyncLater`.
  [[nodiscard]] Result<void> make_durable() { return touched_.sync(); }

  [[nodiscard]] const RunRecord& record() const { return record_; }
  void refuse_from_now_on(const Observed& observed) { record_.refuse_from_now_on(observed); }
  // Nothing is to be changed any more, though there is a changer: what is left is as it was found.
  void give_up(const Error& error) { record_.give_up(error); }

  // Objects that were changed, or would be.
  [[nodiscard]] std::uint64_t changed() const { return changed_; }
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  using Pending = std::vector<TaskPtr>;
  // What was done for a task, before it is looked at again.
  struct Attempt {
    TaskPtr task;
    std::uint64_t sequence = 0;
    int number = 1;
    bool counted = false;  // the object, among those that were changed
    bool as_seen = false;
    std::optional<Error> unkept;
    Result<void> acted;
  };

  bool asked_to_stop();
  bool may_work_on(const Task& task);
  void take(TaskPtr task);
  void carry_out_pending();
  [[nodiscard]] std::size_t make_ahead(const Pending& pending, std::size_t begin,
                                       std::uint64_t sequence, const RunRecord::Unkept& unkept);
  void attempt(Attempt& one);
  [[nodiscard]] bool conclude(Attempt& one);
  bool begin_again(Attempt& one);
  void end_with(Task& first, TaskPtr again, const Attempt& one);
  Result<void> act(Task& task, std::uint64_t sequence);
  Result<void> take_steps(Task& task, std::uint64_t sequence);
  Result<void> make(Task& task, Type type);
  Result<void> act_on_name(Task& task, const Action& action, std::uint64_t sequence);
  Result<void> replace_link(Task& task, const Way& way, const std::string& target,
                            std::uint64_t sequence);
  void put_back(const Task& task, AttributeSet lifted);
  [[nodiscard]] Result<WayPtr> directory_of_name(const Task& task);
  [[nodiscard]] bool still_there(const Task& task, const Result<WayPtr>& way);
  Result<void> observe(Task& task, const Result<WayPtr>& way);
  void note_touched(const Task& task, const Result<WayPtr>& way);

  const System& system_;
  SafeOpen& safe_open_;
  Observer& observer_;
  Hands hands_;
  const std::atomic<bool>* stop_;
  std::size_t most_held_;
  Tasks* tasks_ = nullptr;
  Pending pending_;
  RunRecord record_;
  Installs installs_;
  SyncLater touched_;
  std::uint64_t changed_ = 0;
  bool interrupted_ = false;
};

// Of a task that was worked on: what was taken away for the time of the work, and is not there
// again.
[[nodiscard]] AttributeSet not_put_back(const Task& task);

// Whoever has a lease on a file, or took one meanwhile, can keep its attributes from being put
// back.
[[nodiscard]] std::string not_put_back_text(AttributeSet missing, const Result<void>& acted);

// Why an object is not as it was to become.
[[nodiscard]] std::string why_failed(const Result<void>& acted, const Result<void>& observed);

}  // namespace permward
