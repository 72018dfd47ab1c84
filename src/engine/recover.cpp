// SPDX-License-Identifier: Apache-2.0
#include "engine/recover.hpp"

#include "decide/plan.hpp"
#include "decide/taken_back.hpp"
#include "engine/apart.hpp"
#include "engine/hold.hpp"
#include "engine/scratch_name.hpp"
#include "model/action.hpp"
#include "model/finding.hpp"
#include "model/object_state.hpp"
#include "os/candidate.hpp"
#include "os/changer.hpp"
#include "os/content.hpp"
#include "os/directory.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/sync_later.hpp"
#include "os/system.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

namespace permward {
namespace {

// To be tried again by the next run.
Outcome still_left(const RecordedChange& recorded) {
  Outcome out = recorded.outcome.value_or(Outcome{});
  out.sequence = recorded.sequence;
  out.status = left_beside;
  out.effect = Effect::some;
  return out;
}

class Recoverer {
 public:
  Recoverer(const System& system, const Mounts& mounts, Changer& changer)
      : system_(system),
        changer_(changer),
        observer_(system.kernel, mounts, nullptr),
        safe_open_(system.kernel, observer_, system.root.get()),
        touched_(system.kernel) {}

  // What became of it, for the journal.
  Outcome put_back(const RecordedChange& recorded, Recovery& out);
  Outcome take_away(const std::string& run, const RecordedChange& recorded, Recovery& out);
  // What was left beside what had lost attributes for a while, too.
  void take_away_also(const LiftedChange& one, Outcome& outcome, Recovery& out);
  // All of that is on the disk.
  Result<void> make_durable() { return touched_.sync(); }
  // The same, where something of it is still to be done.
  std::optional<Outcome> clean_up(const std::string& run, const RecordedChange& recorded,
                                  Recovery& out);
  std::optional<Outcome> open_made(const RecordedChange& recorded, Recovery& out);

 private:
  Result<bool> try_to(const Change& change, Outcome& outcome);
  bool remove_beside(const std::string& run, const RecordedChange& recorded, Recovery& out);
  Result<bool> finish(const Change& change, const Held& named, Outcome& outcome);
  Result<bool> remove(const std::vector<std::string>& names, const Change& change);
  bool is_gone(const Change& change);
  bool is_of(int held, const Change& change);
  bool is_away(std::span<const std::string> directory, std::uint64_t device);
  Result<bool> open(const RecordedChange& recorded, const Held& named);

  const System& system_;
  Changer& changer_;
  Observer observer_;
  SafeOpen safe_open_;
  SyncLater touched_;
};

Outcome Recoverer::put_back(const RecordedChange& recorded, Recovery& out) {
  Outcome outcome;
  outcome.sequence = recorded.sequence;
  outcome.status = "put back";
  const Result<bool> done = try_to(recorded.change, outcome);
  if (!done.ok()) {
    outcome.status = is_gone(recorded.change) ? name(Status::failed) : left_lifted;
    out.left.push_back({recorded.change.path, done.error()});
  } else if (*done) {
    out.put_back.push_back(recorded.change.path);
  }
  return outcome;
}

// Whether something else has its name, or nothing, on the file system that it was on. Where that is
// not mounted, or has another device by now, nobody knows.
bool Recoverer::is_gone(const Change& change) {
  const std::vector<std::string> names = names_of(change.path);
  const Result<Held> named = hold(system_, safe_open_, names);
  Observed observed;
  if (named.ok()) {
    return observer_.of(named->fd.get(), FacetSet{}, observed).ok() &&
           observed.identity.device == change.inode.device &&
           !same_inode(inode_key(observed), change.inode);
  }
  if (named.error().kind != ErrorKind::not_found || names.empty()) return false;
  const Result<WayPtr> way = directory_of(safe_open_, names);
  return way.ok() && (*way)->identity.device == change.inode.device;
}

// Where something was to take the place of another, either may be left under the run's own name;
// and what bars every change comes last.
std::optional<Outcome> Recoverer::clean_up(const std::string& run, const RecordedChange& recorded,
                                           Recovery& out) {
  const Change& change = recorded.change;
  if (recorded.outcome || !makes_beside(change)) return std::nullopt;
  const bool removed = remove_beside(run, recorded, out);
  if (change.lifted.empty() && installs(change)) {
    const Result<Held> named = hold(system_, safe_open_, names_of(change.path));
    Outcome unused;
    // Else it was killed before.
    const Result<bool> done =
        named.ok() ? finish(change, *named, unused) : Result<bool>(named.error());
    if (done.ok() && *done) out.put_back.push_back(change.path);
  }
  if (removed) return std::nullopt;
  return still_left(recorded);
}

// Whether what lay in a directory may be there again: it is not there, or another file system's.
bool Recoverer::is_away(std::span<const std::string> directory, std::uint64_t device) {
  const Result<WayPtr> way = safe_open_.directory(directory);
  if (!way.ok() || !(*way)->present) return true;
  return device != 0 && (*way)->identity.device != device;
}

// A directory that was made is closed until all is in it. Where others may rename, only the inode
// tells that it is the one.
std::optional<Outcome> Recoverer::open_made(const RecordedChange& recorded, Recovery& out) {
  const Change& change = recorded.change;
  if (!makes_directory(change) || change.intended == closed_directory()) return std::nullopt;
  const std::vector<std::string> names = names_of(change.path);
  const Result<Held> named = hold(system_, safe_open_, names);
  if (!named.ok()) {
    const std::span<const std::string> above(names.data(), names.size() - 1);
    const bool away = is_away(above, recorded.outcome ? recorded.outcome->inode.device : 0);
    const bool absent = named.error().kind == ErrorKind::not_found;
    if (absent && !away) return std::nullopt;
    if (!absent) out.left.push_back({change.path, named.error()});
    return still_left(recorded);
  }
  const Result<bool> opened = open(recorded, *named);
  if (opened.ok() && *opened) out.opened.push_back(change.path);
  if (opened.ok()) return std::nullopt;
  out.left.push_back({change.path, opened.error()});
  return still_left(recorded);
}

// False: it is open, or another one.
Result<bool> Recoverer::open(const RecordedChange& recorded, const Held& named) {
  const Change& change = recorded.change;
  Observed observed;
  TRY(observer_.of(named.fd.get(), facets_to_take_back(Type::directory), observed));
  const ObjectState now = state_of(observed);
  const bool has_inode = recorded.outcome && recorded.outcome->inode.inode != 0;
  const bool known = has_inode && same_inode(recorded.outcome->inode, inode_key(observed));
  const bool closed = now == closed_directory() && may_add(named.control).empty();
  if (has_inode ? !known : !closed) return false;
  if (now == change.intended || now.type != Type::directory) return false;
  touched_.add(named.fd.get(), observed.identity.device, change.path);
  for (const Action& action : plan(now, change.intended)) {
    TRY(changer_.change(named.fd.get(), Type::directory, action));
  }
  return true;
}

// What was installed has everything but what bars every change. False: it has that, too. `changed`:
// it is not what was to be installed.
Result<bool> Recoverer::finish(const Change& change, const Held& named, Outcome& outcome) {
  const Error other{ErrorKind::changed, "put back", change.path, 0};
  if (!may_add(named.control).empty()) return other;
  const int held = named.fd.get();
  const Type type = change.intended.type;
  Observed observed;
  TRY(observer_.of(held, FacetSet{}, observed));
  if (observed.type != type) return other;
  TRY(observer_.of(held, facets_to_take_back(type), observed));
  ObjectState now = state_of(observed);
  if (type == Type::file) {
    const auto digest = content_digest(system_.kernel, held, nullptr);
    if (digest.state == Read::value) now.content = digest.value;
  }
  ObjectState wanted = change.intended;
  const AttributeSet missing = (wanted.attributes & attributes_in_status).without(now.attributes);
  now.attributes = wanted.attributes;
  if (now != wanted) return other;
  if (!missing.empty()) {
    touched_.add(held, observed.identity.device, change.path);
    TRY(changer_.change(held, type, SetAttributes{missing, {}}));
  }
  TRY(observer_.of(held, facets_to_take_back(type), observed));
  outcome.after = state_of(observed);
  outcome.after->content = now.content;
  outcome.inode = inode_key(observed);
  outcome.changed = observed.changed;
  return !missing.empty();
}

// The same of what a run knew that it left.
Outcome Recoverer::take_away(const std::string& run, const RecordedChange& recorded,
                             Recovery& out) {
  Outcome outcome = *recorded.outcome;
  if (makes_directory(recorded.change)) {
    if (!open_made(recorded, out)) outcome.status = "put back";
    return outcome;
  }
  if (remove_beside(run, recorded, out)) outcome.status = name(Status::failed);
  return outcome;
}

void Recoverer::take_away_also(const LiftedChange& one, Outcome& outcome, Recovery& out) {
  const bool ended = one.recorded.outcome.has_value();
  if (!ended || !makes_beside(one.recorded.change) || outcome.status == left_lifted) return;
  if (!remove_beside(one.run, one.recorded, out)) outcome.status = left_beside;
}

// False: it may still be there.
bool Recoverer::remove_beside(const std::string& run, const RecordedChange& recorded,
                              Recovery& out) {
  std::vector<std::string> names = names_of(recorded.change.path);
  if (names.empty()) return true;  // there is nothing beside the root
  names.back() = scratch_name(run, recorded.sequence);
  const Result<bool> removed = remove(names, recorded.change);
  const bool away = !removed.ok() && removed.error().kind == ErrorKind::not_found;
  if (!removed.ok() && !away) out.not_removed.push_back({path_of(names), removed.error()});
  if (removed.ok() && *removed) out.removed.push_back(path_of(names));
  return removed.ok();
}

// What was there before, of which a copy was kept first, or what was to be.
bool Recoverer::is_of(int held, const Change& change) {
  Observed observed;
  if (!observer_.of(held, facets_to_take_back(Type::symlink), observed).ok()) return false;
  ObjectState now = state_of(observed);
  if (now.type == Type::file) {
    const auto digest = content_digest(system_.kernel, held, nullptr);
    if (digest.state != Read::value) return false;
    now.content = digest.value;
  }
  const auto same = [&now](const ObjectState& state) {
    return state.type == now.type && state.content == now.content && state.target == now.target;
  };
  return same(change.before) || same(change.intended);
}

// False: there is nothing.
Result<bool> Recoverer::remove(const std::vector<std::string>& names, const Change& change) {
  const std::span<const std::string> above(names.data(), names.size() - 1);
  TRY_ASSIGN(const WayPtr way, safe_open_.directory(above));
  const Error away{ErrorKind::not_found, "find", path_of(names), 0};
  if (!way->present) return away;
  const auto has_copy = [&](int held) { return is_of(held, change); };
  TRY_ASSIGN(const bool staging,
             remove_staging(system_.kernel, way->fd.get(), names.back().c_str(), has_copy));
  if (staging) touched_.add(way->fd.get(), way->identity.device, path_of(names));
  if (staging) return true;
  TRY_ASSIGN(const bool link, remove_link(way->fd.get(), names.back().c_str(),
                                          {change.before.target, change.intended.target}));
  if (link) touched_.add(way->fd.get(), way->identity.device, path_of(names));
  if (link || !is_away(above, change.inode.device)) return link;
  // A file system that is mounted again may have another number.
  const Result<Held> named = hold(system_, safe_open_, names_of(change.path));
  Observed observed;
  const bool there = named.ok() && observer_.of(named->fd.get(), FacetSet{}, observed).ok() &&
                     same_inode(inode_key(observed), change.inode);
  if (there) return false;
  return away;
}

// False: all of it is there.
Result<bool> Recoverer::try_to(const Change& change, Outcome& outcome) {
  TRY_ASSIGN(const Held named, hold(system_, safe_open_, names_of(change.path)));
  const int held = named.fd.get();
  Observed observed;
  TRY(observer_.of(held, FacetSet{}, observed));
  const FacetSet all = facets_to_take_back(observed.type);
  const InodeKey key = inode_key(observed);
  if (!same_inode(key, change.inode) && installs(change)) return finish(change, named, outcome);
  if (!same_inode(key, change.inode)) return Error{ErrorKind::changed, "put back", change.path, 0};
  const AttributeSet missing = change.lifted.without(observed.attributes.set);
  if (!missing.empty()) {
    touched_.add(held, observed.identity.device, change.path);
    TRY(changer_.change(held, observed.type, SetAttributes{missing, {}}));
  }
  TRY(observer_.of(held, all, observed));
  outcome.after = state_of(observed);
  outcome.inode = key;
  outcome.changed = observed.changed;
  return !missing.empty();
}

// What a run had made: what lies below first. A later step of it may have opened a directory.
void settle(Recoverer& recoverer, const std::string& run,
            const std::vector<RecordedChange>& changes, std::vector<Outcome>& outcomes,
            Recovery& out) {
  const auto add = [&outcomes](std::optional<Outcome> left) {
    if (!left) return;
    const bool lifted = std::any_of(outcomes.begin(), outcomes.end(), [&](const Outcome& one) {
      return one.sequence == left->sequence && one.status == left_lifted;
    });
    if (!lifted) outcomes.push_back(std::move(*left));
  };
  std::set<std::string> opened;
  for (const RecordedChange& one : changes) {
    add(recoverer.clean_up(run, one, out));
    const bool opens = one.change.before == closed_directory();
    const bool done = one.outcome && one.outcome->after && *one.outcome->after != one.change.before;
    if (opens && done) opened.insert(one.change.path);
  }
  for (auto one = changes.rbegin(); one != changes.rend(); ++one) {
    if (opened.count(one->change.path) == 0) add(recoverer.open_made(*one, out));
  }
}

Result<void> end(Journal& journal, const RecordedRun& run, const std::vector<Outcome>& outcomes,
                 std::chrono::sys_seconds now) {
  TRY_ASSIGN(OpenRun reopened, journal.reopen(run.id));
  if (!outcomes.empty()) TRY(journal.outcome(reopened, outcomes));
  return journal.finish(reopened, {now, RunResult::killed, {}});
}

// What was left in another tree is for a run that is about that one.
Result<std::vector<RecordedRun>> unfinished_on(Journal& journal, const InodeKey& root) {
  TRY_ASSIGN(std::vector<RecordedRun> out, journal.unfinished());
  std::erase_if(out, [&root](const RecordedRun& run) { return !same_inode(run.start.root, root); });
  return out;
}

Result<Recovery> recover_all(const System& system, Journal& journal, Changer& changer,
                             std::chrono::sys_seconds now) {
  Recovery out;
  TRY_ASSIGN(const InodeKey root, root_inode(system));
  TRY_ASSIGN(const std::vector<RecordedRun> unfinished, unfinished_on(journal, root));
  TRY_ASSIGN(const std::vector<LiftedChange> lifted, journal.lifted(root));
  if (unfinished.empty() && lifted.empty()) return out;
  TRY_ASSIGN(const Mounts mounts, read_mounts(system.kernel, system.root));
  Recoverer recoverer(system, mounts, changer);
  std::map<std::string, std::vector<Outcome>> outcomes;  // by run
  std::vector<const RecordedRun*> settled;
  for (const LiftedChange& one : lifted) {
    const bool beside = one.recorded.outcome && one.recorded.outcome->status == left_beside;
    Outcome outcome = beside ? recoverer.take_away(one.run, one.recorded, out)
                             : recoverer.put_back(one.recorded, out);
    if (!beside) recoverer.take_away_also(one, outcome, out);
    if (outcome != one.recorded.outcome) outcomes[one.run].push_back(std::move(outcome));
  }
  for (const RecordedRun& run : unfinished) {
    const Result<std::vector<RecordedChange>> changes = journal.changes(run.id);
    if (!changes.ok()) {  // which is no reason not to settle the others
      out.unreadable.push_back({run.id, changes.error()});
      continue;
    }
    settle(recoverer, run.id, *changes, outcomes[run.id], out);
    settled.push_back(&run);
  }
  // What is written down as settled nobody looks at again.
  TRY(recoverer.make_durable());
  for (const RecordedRun* const run : settled) {
    TRY(end(journal, *run, outcomes[run->id], now));
    outcomes.erase(run->id);
    out.runs.push_back(run->id);
  }
  for (const auto& [run, amended] : outcomes) TRY(journal.amend(run, amended));
  return out;
}

}  // namespace

Result<Recovery> recover(const System& system, Journal& journal, Changer& changer,
                         std::chrono::sys_seconds now) {
  return in_a_thread_apart<Recovery>([&] { return recover_all(system, journal, changer, now); });
}

}  // namespace permward
