// SPDX-License-Identifier: Apache-2.0
//
// What a run changed, object by object, and in which order it is taken back. Layer `engine`, for
// `undo` alone.
#pragma once

#include "model/object_state.hpp"
#include "store/journal_rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

// One object, from the first change that a run made of it to the last.
struct Undoing {
  // Immutable and append-only keep names in a directory from being changed: of one that has got
  // them they are lifted before anything in it is taken back, and of one that is made again they
  // are set when all is there.
  enum class Part : std::uint8_t { whole, lifts, bars };

  std::string path;
  ObjectState before;
  ObjectState after;  // as it was left, or, where that is not known, as it was to be
  InodeKey inode;     // that it was then; zeros where it was to be absent, or is not known
  FileTime changed;   // its last change then
  bool known = true;
  bool done = false;      // the run did all of it that was to be done
  bool replaced = false;  // the run found another object under its name later on
  Part part = Part::whole;
};

// `changes` are those of one run, in the order in which it made them. What bars comes off; what is
// to be made again follows, what lies above first; and then what lies below before what it lies in.
[[nodiscard]] std::vector<Undoing> in_undo_order(const std::vector<RecordedChange>& changes);

}  // namespace permward
