// SPDX-License-Identifier: Apache-2.0
//
// From paths to what generations have of them. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "engine/restore.hpp"
#include "os/system.hpp"
#include "store/journal_rows.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace permward {

struct Gathered {
  ToRestore objects;
  Fd file;                           // that holds the contents
  std::vector<std::string> unknown;  // paths that nothing is known of, as they were asked
  std::vector<Error> damaged;        // generations that were passed over, or may have had more
  std::vector<std::string> ids;      // of the generations that something was taken from
};

// Where copies are looked for.
struct Copies {
  const Snapshots& snapshots;
  const SnapshotDigests& digests;
};

// All of a generation; and whether it is what was written, as far as that is known. Errors: as of
// `Snapshots::read`, and `invalid`.
[[nodiscard]] Result<void> read_whole(const Copies& copies, const std::string& id,
                                      ArchiveVisitor& visitor);

// Where copies of the path, an absolute one, may lie in a generation, the likeliest first: where it
// leads now, links among its directories followed, and as it is written.
[[nodiscard]] std::vector<std::string> places_of_copies(const System& system,
                                                        const std::string& path);
// The first of `places` at or below which one of the objects lies; null: there is none.
[[nodiscard]] const std::string* place_of_copies(const std::vector<std::string>& places,
                                                 const std::vector<SnapshotObject>& objects);

// Of each of `paths`, absolute ones, what the newest generation of accepted objects has at and
// below it, and the directories on the way; where that one is damaged, the newest whole one. Each
// archive that something is taken from was read to its end, and is what was written. Links among
// the directories of a path are followed where they are there; else it is looked for as it is
// written. Errors: of the file for the contents, of listing the generations.
[[nodiscard]] Result<Gathered> gather(const System& system, const Copies& copies,
                                      const std::vector<std::string>& paths);

// The same from one generation alone, of any kind, or from an archive that is read from `fd`,
// called `name`. Errors: also those of `read_archive`.
[[nodiscard]] Result<Gathered> gather_from(const System& system, const Copies& copies,
                                           const std::string& id,
                                           const std::vector<std::string>& paths);
[[nodiscard]] Result<Gathered> gather_from(const System& system, int fd, const std::string& name,
                                           const std::vector<std::string>& paths);

// Adds the directories that are on the way to the objects and not among them, as root's alone: to
// put elsewhere what was kept without them, as evidence is.
void add_private_way(ToRestore& objects);

// Contents of just these objects, which are in the order of their paths: each from the newest whole
// generation that has it so. Of those that are `unknown` none does; their contents are not there.
// Errors: as of `gather`.
[[nodiscard]] Result<Gathered> gather_same(const Copies& copies,
                                           const std::vector<SnapshotObject>& objects);

// For `undo`: the content that each change took away, from the newest generation of any kind that
// has it of its path.
[[nodiscard]] Result<Gathered> gather_taken_away(const Copies& copies,
                                                 const std::vector<RecordedChange>& changes);

}  // namespace permward
