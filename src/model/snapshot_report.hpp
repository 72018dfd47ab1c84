// SPDX-License-Identifier: Apache-2.0
//
// What `snapshot` answers. Layer `model`; values only.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// A generation of the store.
struct ListedSnapshot {
  std::string id;
  std::uint64_t bytes = 0;        // of the archive
  std::optional<Manifest> holds;  // without its objects; none: it could not be read
  std::uint64_t objects = 0;
  std::string damage;    // a message; empty: none was found, as far as was looked
  bool recorded = true;  // false: it was read to its end, and no digest of it was written down
};

// What could not be taken into one.
struct NotTaken {
  std::string path;
  std::string why;  // a message; what it quotes is escaped
};

// One that was made, or not because nothing has changed.
struct MadeSnapshot {
  std::string id;  // the newest accepted generation; empty: there is none
  bool is_new = false;
  bool imported = false;       // and not made here
  bool compared_with = false;  // it is what checks go by from now on
  bool interrupted = false;    // a signal ended it before anything was accepted
  std::uint64_t objects = 0;   // in it
  std::vector<NotTaken> not_taken;
};

struct SnapshotReport {
  enum class Answer : std::uint8_t { made, list, manifest, verified, pruned };

  Answer answer = Answer::list;
  std::string version;
  Diagnostics warnings;
  std::string place;                      // the state directory
  std::vector<ListedSnapshot> snapshots;  // of `list` and `verified`, the newest first
  std::string of_path;                    // of `list`: those alone that have it; empty: all
  std::vector<std::string> removed;       // of `pruned`: ids
  std::vector<std::string> damaged;       // of `pruned`: ids of those that were left for that
  std::uint64_t kept = 0;                 // of `pruned`
  std::uint64_t dropped = 0;              // evidence that was not kept
  Manifest manifest;                      // of `manifest`
  std::string manifest_text;              // the same as its document
  MadeSnapshot made;                      // of `made`
  std::optional<Error> error;             // what ended it
};

}  // namespace permward
