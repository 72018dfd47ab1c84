// SPDX-License-Identifier: Apache-2.0
//
// Putting one file or link in its place as a whole: whoever sees it under its name sees all of it.
// Layer `engine`, for `Installs`.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "engine/task.hpp"
#include "os/candidate.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace permward {

class Installer {
 public:
  // All must outlive it; `hands` have a changer once anything is called, and `stop` may be null.
  Installer(const System& system, Observer& observer, const Hands& hands,
            const std::atomic<bool>* stop)
      : system_(system), observer_(observer), hands_(hands), stop_(stop) {}

  // For what `task` is to become; it is to have its name in `way`, and `scratch` is a name there
  // that nobody else uses. Errors: those of `Candidate`.
  [[nodiscard]] Result<Candidate> begin(const Task& task, const Way& way,
                                        const std::string& scratch);

  // Its content, and all of its metadata but what bars every change; the disk is given it. Errors:
  // those of `Candidate` and `Changer`; `not_found` where there is no copy.
  [[nodiscard]] Result<void> dress(const Task& task, Candidate& made);

  // Waits for the disk, and asks the program that is to take it. Errors: of fsync(2); those of
  // `CommandRunner`; `invalid` where it does not take it, `changed` where it has changed it.
  [[nodiscard]] Result<void> finish(const Task& task, const Way& way, Candidate& made);

  // `made` takes the name, and is what `task` holds from then on. Errors: those of `Candidate`;
  // what is held is as it was.
  Result<void> place(Task& task, const Way& way, Candidate& made);

  // Of what is placed: it is there for good. `synced`: what became of syncing its directory.
  static void settle(Task& task, Candidate& made, const Result<void>& synced);

  // Of what is not placed.
  static void give_up(Task& task, Candidate& made);

 private:
  [[nodiscard]] Result<void> verify(const Task& task, const Way& way, const Candidate& made);
  Result<void> require_unchanged(const Task& task, const Candidate& made);
  Result<void> dress_in(const Task& task, int held, const ObjectState& wanted);
  void label_as_before(const Task& task, int held, Type type);

  const System& system_;
  Observer& observer_;
  const Hands& hands_;
  const std::atomic<bool>* stop_;
};

// As it is by an observation, with what is known of its content beside.
[[nodiscard]] ObjectState seen_state(const Observed& observed,
                                     const std::optional<Sha256::Digest>& content);

}  // namespace permward
