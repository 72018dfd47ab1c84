// SPDX-License-Identifier: Apache-2.0
//
// Putting one file or link in its place as a whole: whoever sees it under its name sees all of it.
// Layer `engine`.
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
  // All must outlive it; `hands` have a changer, and `stop` may be null.
  Installer(const System& system, Observer& observer, const Hands& hands,
            const std::atomic<bool>* stop)
      : system_(system),
        observer_(observer),
        changer_(*hands.changer),
        runner_(hands.runner),
        stop_(stop) {}

  // What `task` is to become, without what bars every change, takes its name in `way`, and is held
  // then. `scratch` is a name there that nobody else uses; `left_beside` says whether it may still
  // be there. Errors: those of `Candidate` and `Changer`; what is held is as it was, or, where
  // only the disk refused, replaced.
  Result<void> install(Task& task, const Way& way, const std::string& scratch);

 private:
  Result<Candidate> candidate(const Task& task, const Way& way, const std::string& scratch);
  Result<void> verify(const Task& task, const Way& way, const Candidate& made);
  Result<void> require_unchanged(const Task& task, const Candidate& made);
  Result<void> dress(const Task& task, Candidate& one);
  Result<void> dress_in(const Task& task, int held, const ObjectState& wanted);
  void label_as_before(const Task& task, int held, Type type);

  const System& system_;
  Observer& observer_;
  Changer& changer_;
  CommandRunner* runner_;
  const std::atomic<bool>* stop_;
};

// As it is by an observation, with what is known of its content beside.
[[nodiscard]] ObjectState seen_state(const Observed& observed,
                                     const std::optional<Sha256::Digest>& content);

}  // namespace permward
