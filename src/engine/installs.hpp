// SPDX-License-Identifier: Apache-2.0
//
// Files and links that are put in their places, some at a time, so that the disk is waited for once
// for all of them: it is given every one before the first is waited for (fsync(2)), and all have
// their names before these are. A file system with a journal commits it twice then, and not twice a
// file; what was replaced is removed after both. Where room or descriptors are short they are put
// there one by one. Layer `engine`, for `Executor`.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "engine/installer.hpp"
#include "engine/task.hpp"
#include "model/observation.hpp"
#include "os/candidate.hpp"
#include "os/safe_open.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace permward {

class Installs {
 public:
  // As of `Executor`; where `hands` have no changer nothing is ever made.
  Installs(const System& system, SafeOpen& safe_open, Observer& observer, const Hands& hands,
           const std::atomic<bool>* stop);

  // Whether what it becomes may be made ahead: it takes its name as a new inode, and no program is
  // to look at it right before.
  [[nodiscard]] static bool may_be_ahead(const Task& task);

  // For one more, of so many bytes.
  [[nodiscard]] bool has_room(std::uint64_t bytes) const;

  // Makes what `task`, which must be there until `settle`, is to become. False: it could not be
  // made, and nothing is left of it but what `task` says; `place` will try once more, and say why.
  bool make(Task& task, const std::string& scratch);

  // What was made is on the disk; what the disk did not take is dropped, and made again by `place`.
  void sync();

  // What `task` is to become takes its name in `way`, and is what `task` holds then: what was made
  // ahead in that directory, or what is made now. `scratch` as it was for `make`. Errors: those of
  // `Installer`.
  Result<void> place(Task& task, const Way& way, const std::string& scratch);

  // What was made for `task`, and has not been placed, is gone, or `left_beside`.
  void drop(const Task& task);

  // What was placed is on the disk with its name, or its task `not_durable`; what it has replaced
  // is gone, or `left_beside`, and the rest dropped.
  void settle();

 private:
  enum class Stage : unsigned char { begun, dressed, finished, dropped };
  struct Made {
    Task* task;
    Identity directory;
    Candidate candidate;
    Stage stage = Stage::begun;
  };
  [[nodiscard]] Result<Made*> make_in(Task& task, const Way& way, const std::string& scratch);
  [[nodiscard]] Made* finished(const Task& task, const Way& way);
  Result<void> try_to_place(Task& task, const Way& way, const std::string& scratch);
  [[nodiscard]] bool is_alone(const Task& task) const;
  static void drop(Made& made);

  SafeOpen& safe_open_;
  Installer installer_;
  std::size_t most_;
  std::uint64_t bytes_ = 0;
  std::vector<Made> made_;
  const Task* not_made_ = nullptr;  // never looked into
};

}  // namespace permward
