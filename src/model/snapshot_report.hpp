// SPDX-License-Identifier: Apache-2.0
//
// What `snapshot` answers. Layer `model`; values only.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/snapshot.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

// What has become of an object since a snapshot; of one object there may be two.
struct SnapshotChange {
  enum class What : std::uint8_t { added, removed, content, metadata };

  std::string path;
  Type type = Type::absent;          // as it is; of what is removed, as it was
  What what = What::added;           // content: of a file, a target, or the type itself
  std::vector<std::string> details;  // "mode 0644 → 0600"; names in them are escaped
  std::string diff;                  // of content: a unified diff; may be empty
  std::string withheld;              // why there is none, where one could be expected
};
inline constexpr std::array<std::string_view, 4> snapshot_change_names = {"added", "removed",
                                                                          "content", "metadata"};

struct SnapshotReport {
  enum class Answer : std::uint8_t { made, list, manifest, verified, pruned, differences };

  Answer answer = Answer::list;
  std::string version;
  Diagnostics warnings;
  std::string place;                      // the state directory
  std::vector<ListedSnapshot> snapshots;  // of `list` and `verified`, the newest first
  std::string of_path;                    // of `list`: those alone that have it; empty: all
  std::vector<std::string> removed;       // of `pruned`: ids
  std::vector<std::string> damaged;       // of `pruned`: ids of those that were left for that
  std::uint64_t kept = 0;                 // of `pruned`
  bool interrupted = false;               // of `verified` and `pruned`: a signal ended it early
  std::uint64_t dropped = 0;              // evidence that was not kept
  Manifest manifest;                      // of `manifest`
  std::string manifest_text;              // the same as its document
  MadeSnapshot made;                      // of `made`; of `differences` what was not seen
  std::vector<SnapshotChange> changes;    // of `differences`, by path
  std::optional<Error> error;             // what ended it
};

}  // namespace permward
