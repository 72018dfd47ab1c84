// SPDX-License-Identifier: Apache-2.0
//
// What a worker does about entries that have another name by the time they are looked at, or that
// are something else: in somebody else's directory names change as fast as they are read, and what
// was listed is followed by its inode.
#include "engine/worker.hpp"

#include <string>
#include <unordered_set>

namespace permward {
namespace {

// Who renames faster than a directory can be listed does not stop a check.
constexpr unsigned most_follows = 16;
// Where more entries than these have another inode than they are listed with, the inodes listed
// there mean nothing.
constexpr unsigned most_other_inodes = 16;
constexpr unsigned looks_before_elsewhere = 8;
constexpr std::size_t most_moved = 65536;

Error renamed_all_the_time(const std::string& name) {
  return {ErrorKind::changed, "look at what is renamed all the time,", name, 0};
}

}  // namespace

// Whether nothing is there, or something else than what was listed, which then is to be looked for.
bool Worker::is_another(const Result<void>& seen, const Observed& observed, std::uint64_t inode,
                        const Dir& listed_in) {
  if (inode == 0) return false;
  seen_inode_ = seen.ok() ? observed.identity.inode : 0;
  if (!seen.ok()) return seen.error().kind == ErrorKind::not_found;
  return observed.identity.inode != inode && listed_in.other_inodes < most_other_inodes;
}

bool Worker::follow_directory(Dir& dir, int parent) {
  Moved moved{dir.inode, Type::directory, dir.name, dir.name, seen_inode_, 0};
  const auto rename_to = [&](const std::string& name) {
    bool stopped = false;
    const Steps::Place place = steps_.step(steps_.place(dir.up->cursor), name, stopped);
    dir.name = name;
    dir.cursor = steps_.cursor(place);
    return !steps_.silent(place);
  };
  for (unsigned tries = 0; tries < most_follows; ++tries) {
    const auto names = find_inodes(kernel_, parent, {moved.inode, moved.seen_instead});
    if (!names.ok()) {
      tree_.opened(dir);
      not_opened(dir, -1, names.error());
      return true;
    }
    if (!goes_elsewhere(moved, *names, *dir.up) || !rename_to(moved.name)) {
      rename_to(moved.listed_as);
      return false;
    }
    if (open_and_visit(dir, parent, true)) return true;
    moved.seen_instead = seen_inode_;
  }
  rename_to(moved.listed_as);
  tree_.opened(dir);
  not_opened(dir, -1, renamed_all_the_time(moved.listed_as));
  return true;
}

// Whether it is to be looked for under `moved.name`, which becomes its present one. Else it has
// been removed, or has always another inode than it is listed with, and what has its name by now
// matters.
bool Worker::goes_elsewhere(Moved& moved, const InodeNames& names, Dir& listed_in) {
  const auto now = names.find(moved.inode);
  if (now == names.end()) return false;
  // What is listed beside it has changed places with it.
  const bool exchanged = moved.seen_instead == 0 || names.count(moved.seen_instead) != 0;
  if (now->second == moved.name && !exchanged && ++moved.stayed == looks_before_elsewhere) {
    ++listed_in.other_inodes;
    return false;
  }
  moved.name = now->second;
  return true;
}

// After `look` said that it was another. Nobody but an enemy moves as many while they are listed:
// one too many stands for all the others.
void Worker::note_moved(const DirectoryEntry& entry) {
  if (moved_.size() > most_moved) return;
  moved_.push_back({entry.inode, entry.type, entry.name, entry.name, seen_inode_, 0});
}

// What was listed is looked for under other names where its own has come to be another's, or
// nobody's: else whoever renames all the time would not be seen. All of a directory at once, so
// that it is listed a bounded number of times.
void Worker::look_at_moved(Here& here) {
  const bool too_many = moved_.size() > most_moved;
  for (unsigned tries = 0; tries < most_follows && !moved_.empty(); ++tries) {
    std::unordered_set<std::uint64_t> inodes;
    for (const Moved& one : moved_) inodes.insert({one.inode, one.seen_instead});
    const auto names = find_inodes(kernel_, here.fd, inodes);
    if (!names.ok()) break;
    std::erase_if(moved_, [&](Moved& one) { return look_again(here, one, *names); });
  }
  const auto lister = steps_.lister(here.place);
  if ((moved_.empty() && !too_many) || !lister) return;
  const std::string example = moved_.empty() ? "" : moved_.front().listed_as;
  judge_.unlisted(*lister, renamed_all_the_time(example), path_of(*here.dir), here.itself);
}

// True where it has been looked at, or nobody asks.
bool Worker::look_again(Here& here, Moved& moved, const InodeNames& names) {
  const auto look_at = [&](const std::string& name, std::uint64_t inode) {
    bool stopped = false;
    const Steps::Place place = steps_.step(here.place, name, stopped);
    return !steps_.silent(place) && look(here, name.c_str(), place, moved.type, inode);
  };
  bool stopped = false;
  const bool elsewhere = goes_elsewhere(moved, names, *here.dir);
  if (!elsewhere || steps_.silent(steps_.step(here.place, moved.name, stopped))) {
    look_at(moved.listed_as, 0);
    return true;
  }
  if (look_at(moved.name, moved.inode)) return true;
  moved.seen_instead = seen_inode_;
  return false;
}

}  // namespace permward
