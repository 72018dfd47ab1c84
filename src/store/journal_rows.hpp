// SPDX-License-Identifier: Apache-2.0
//
// What the journal keeps, as values. Layer `store`; values only.
#pragma once

#include "model/attributes.hpp"
#include "model/object_state.hpp"
#include "model/observation.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

// One inode for as long as it exists, as far as the file system lets tell: a number that is used
// again has another birth time.
struct InodeKey {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::optional<BirthTime> birth;  // where the file system knows it
  bool operator==(const InodeKey&) const = default;
};

// Whether both can be the same inode. A file system that is mounted again may have another device:
// where both births are known these decide, to the nanosecond, and else the device does.
[[nodiscard]] inline bool same_inode(const InodeKey& a, const InodeKey& b) {
  const bool born = a.birth && b.birth;
  return a.inode == b.inode && (born ? a.birth == b.birth : a.device == b.device);
}

// That of an object; zeros of nothing.
[[nodiscard]] inline InodeKey inode_key(const Observed& observed) {
  return {observed.identity.device, observed.identity.inode, observed.birth};
}

// An object before it is changed. An object that is to be made is `absent` before, and has no
// inode: zeros.
struct Change {
  std::string path;  // absolute; any bytes but NUL
  InodeKey inode;
  ObjectState before;
  ObjectState intended;
  // Of immutable and append-only those that the run takes away for the time of its work, and means
  // to put back.
  AttributeSet lifted;
  bool operator==(const Change&) const = default;
};

// Whether a new inode gets the name.
[[nodiscard]] inline bool installs(const Change& change) {
  const ObjectState& intended = change.intended;
  if (intended.type == Type::symlink) return change.before.type != Type::symlink;
  return intended.content && intended.content != change.before.content;
}

// Whether something is made for it under a name of its own beside it.
[[nodiscard]] inline bool makes_beside(const Change& change) {
  const bool replaces_link =
      change.before.type == Type::symlink && change.before.target != change.intended.target;
  return replaces_link || installs(change);
}

// Whether a directory is made: closed, until all that is to lie in it is there.
[[nodiscard]] inline bool makes_directory(const Change& change) {
  return change.before.type == Type::absent && change.intended.type == Type::directory;
}

// Whether an object may be another one than before, be it in its content only.
enum class Effect : std::uint8_t { none, some };

// The status of a change that took immutable or append-only away, which could not be put back.
inline constexpr std::string_view left_lifted = "left lifted";
// The status of one that made something to take the place of another, and could not remove it
// again; or a directory, and could not open it.
inline constexpr std::string_view left_beside = "left beside";

// What became of a change.
struct Outcome {
  std::uint64_t sequence = 0;  // of the change, in its run
  std::string status;          // a word: "corrected", "failed", …; `left_…`
  Effect effect = Effect::some;
  std::optional<ObjectState> after;  // as found; nothing where it could not be looked at
  InodeKey inode;                    // that it is now; zeros where nothing is there
  FileTime changed;                  // its last change, this one
  bool operator==(const Outcome&) const = default;
};

struct RecordedChange {
  std::uint64_t sequence = 0;  // from 1, in the order of recording
  Change change;
  std::optional<Outcome> outcome;  // none: not yet, or the run was killed before
  bool operator==(const RecordedChange&) const = default;
};

// Who began a run, and when.
struct RunStart {
  std::chrono::sys_seconds started;
  InodeKey root;             // of the directory that was `/`
  std::string root_path;     // on the host; any bytes
  std::string command;       // "apply", "undo": history is bounded for each by itself
  std::string command_line;  // as it is shown; any bytes
  std::string user;          // any bytes
  std::uint32_t uid = 0;
  bool operator==(const RunStart&) const = default;
};

struct RunCounts {
  std::uint64_t corrected = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  // Of its changes, each once: one may take several. None: nobody has counted them.
  std::optional<std::uint64_t> objects{};
  bool operator==(const RunCounts&) const = default;
};

enum class RunResult : std::uint8_t {
  in_policy,
  out_of_policy,
  killed,  // found so by a later run, which has settled what was left
};

struct RunEnd {
  std::chrono::sys_seconds finished;
  RunResult result = RunResult::out_of_policy;
  RunCounts counts;
  bool operator==(const RunEnd&) const = default;
};

struct RecordedRun {
  std::string id;  // "20261126T101500Z-3f2a"
  RunStart start;
  std::uint64_t changes = 0;  // recorded
  std::optional<RunEnd> end;  // none: it is at work, or was killed
  bool operator==(const RecordedRun&) const = default;
};

// A change that took attributes away which are not back, or left a link beside its object.
struct LiftedChange {
  std::string run;
  RecordedChange recorded;
};

// That an inode is not to be armed, whatever it looks like by now.
struct ArmRefusal {
  InodeKey inode;
  std::string why;  // for people
  std::chrono::sys_seconds at;
  bool operator==(const ArmRefusal&) const = default;
};

}  // namespace permward
