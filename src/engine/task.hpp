// SPDX-License-Identifier: Apache-2.0
//
// One object that a run is to change, and who knows what it is to become. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "decide/restraint.hpp"
#include "model/action.hpp"
#include "model/object_state.hpp"
#include "model/observation.hpp"
#include "model/snapshot.hpp"
#include "os/candidate.hpp"
#include "os/safe_open.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// What a generation has of an object that is to be put back.
struct Kept {
  const SnapshotObject* object = nullptr;  // null: nothing is
  Extent content;                          // of a file
};

// One look at one object, and what is to be done with it.
struct Task {
  using Clock = std::chrono::system_clock;

  Task() = default;
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  std::size_t index = 0;           // among those of its `Tasks`
  std::vector<std::string> names;  // of its path, links followed
  std::string path;
  Fd held;                   // of nothing, while the object is to be made
  FacetSet asked;            // what an observation of it has to read
  Clock::time_point looked;  // before it was observed first
  Observed observed;         // what lends bytes is good until the next look
  Surroundings around;       // as they were found
  ObjectState now;
  Restrained reach;                       // where it is to get to
  std::optional<ObjectState> eventually;  // where that is a step on the way: what it leads to
  Kept kept;                              // of what is to be installed
  bool sensitive = true;                  // nothing of what is in it is shown
  std::vector<std::string> verify;        // a program that is to take it first; none: nobody need
  // That of what is held, where the run is about what is in it.
  std::optional<Sha256::Digest> content;
  bool own = false;  // this run has made what is held: there is nothing to keep a copy of
  std::vector<Action> actions;  // what brings it there; none: nothing is to be done
  bool changed = false;         // something has been done
  bool left_beside = false;     // and something of the run's own may be left beside it
  std::string left_others;      // of that: the path of what somebody else had put in its place
  // It is in its place, and the disk has not said that it knows.
  std::optional<Error> not_durable;
};
using TaskPtr = std::unique_ptr<Task>;

// The last of its names; of `/` empty.
[[nodiscard]] inline std::string name_of(const Task& task) {
  return task.names.empty() ? std::string() : task.names.back();
}

// What a run is about: object by object, in the order in which they are to be changed. Called by
// an `Executor`.
class Tasks {
 public:
  Tasks() = default;
  virtual ~Tasks() = default;
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  [[nodiscard]] virtual std::size_t size() const = 0;
  // Looks at an object, perhaps again. Null where there is nothing more to do; then all is said.
  virtual TaskPtr look(std::size_t index) = 0;
  // Whether it ends what was begun with another one, and is worked on after a signal, too.
  [[nodiscard]] virtual bool is_owed(std::size_t /*index*/) const { return false; }
  // Reads it anew, as far as `look` did. `way`: the directory that it has its name in, if that is
  // known and `SafeOpen` lends it; that it still has it is asked afterwards.
  virtual Result<void> observe(Task& task, const WayPtr& way) = 0;
  // The object has just been made, and observed: what is to become of what is there.
  virtual void plan_made(Task& task) = 0;
  // It is not to be done, but to be said what would be.
  virtual void rehearse(Task& task) = 0;
  // After the object was worked on. `acted`: what ended the work. True: it is all the way there.
  virtual bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) = 0;
  // The last word on it.
  virtual void leave(Task& task) = 0;
};

}  // namespace permward
