// SPDX-License-Identifier: Apache-2.0
//
// A run that brings objects to states which somebody wrote down, a journal or a generation, and
// what is said of them: the part that undo and restore have in common. Layer `engine`.
#pragma once

#include "decide/steps.hpp"
#include "engine/apply.hpp"
#include "engine/executor.hpp"
#include "engine/state_names.hpp"
#include "engine/survey.hpp"
#include "engine/task.hpp"
#include "model/finding.hpp"
#include "model/run_log.hpp"
#include "model/shared_path.hpp"
#include "os/observe.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

class StateTasks : protected Tasks {
 protected:
  struct Case final : Task {
    ObjectState end;    // as it is to be
    bool place = true;  // there is a directory that it lies in, or would by then
    std::vector<LoggedAspect> aspects;
    std::vector<Finding> findings;  // one an aspect
  };
  static Case& case_of(Task& task) { return static_cast<Case&>(task); }

  // All must outlive it; `stop` may be null. For one thread, which has a working directory of its
  // own.
  StateTasks(const Ground& ground, const Hands& hands, const std::atomic<bool>* stop,
             ApplyOutcome& out);

  // All objects; the outcome is in order then.
  void carry_out();
  // The last of it: what was changed is on the disk, or that is said.
  void make_durable();

  Result<void> observe(Task& task, const WayPtr& way) override;
  void rehearse(Task& task) override;
  bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) override;
  void leave(Task& task) override;

  // Its path cannot be followed, or not safely.
  void unseen(const Case& one, const Error& error);
  // That it is not done, and why; of what nothing else is said.
  void left(const std::string& path, Status status, std::string_view reason);
  // In what it is not yet as it is to be.
  [[nodiscard]] std::vector<LoggedAspect> aspects(const Case& one);
  // One finding an aspect, in the name of the rule that decides it, if there is one.
  void tell(Case& one);
  // Good until the next one.
  [[nodiscard]] const Decided* decider(const Case& one, Aspect aspect);
  // Whoever controls the place, and is not trusted by a rule for an aspect that is to change.
  void add_untrusted(Case& one);

  const Ground& ground_;
  ApplyOutcome& out_;
  Observer observer_;
  Steps steps_;
  StateNames names_;
  SharedPaths paths_;
  Executor executor_;

 private:
  Steps::Place place_of(const Case& one);
};

}  // namespace permward
