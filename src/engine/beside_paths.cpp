// SPDX-License-Identifier: Apache-2.0
#include "engine/beside_paths.hpp"

#include "engine/resolve.hpp"
#include "store/journal.hpp"

#include <vector>

namespace permward {

namespace {

constexpr std::size_t changes_at_once = 1000;

void add(BesidePaths& out, std::string_view run, const RecordedChange& recorded) {
  std::vector<std::string> names = names_of(recorded.change.path);
  if (names.empty()) return;
  names.back() = scratch_name(run, recorded.sequence);
  out.insert(path_of(names));
}

// Part by part: there may be as many as there are objects.
void add_unsettled(BesidePaths& out, Journal& journal, const std::string& run) {
  ChangesAsked asked;
  asked.most = changes_at_once;
  while (true) {
    const Result<std::vector<RecordedChange>> part = journal.changes(run, asked);
    if (!part.ok() || part->empty()) return;
    for (const RecordedChange& one : *part) {
      if (makes_beside(one.change) && !one.outcome) add(out, run, one);
    }
    asked.beyond = part->back().sequence;
  }
}

}  // namespace

Result<BesidePaths> beside_paths(Journal& journal, const InodeKey& root) {
  BesidePaths out;
  TRY_ASSIGN(const std::vector<RecordedRun> unfinished, journal.unfinished());
  for (const RecordedRun& run : unfinished) {
    if (same_inode(run.start.root, root)) add_unsettled(out, journal, run.id);
  }
  TRY_ASSIGN(const std::vector<LiftedChange> left, journal.lifted(root));
  for (const LiftedChange& one : left) {
    const bool beside = one.recorded.outcome && one.recorded.outcome->status == left_beside;
    if (beside) add(out, one.run, one.recorded);
  }
  return out;
}

}  // namespace permward
