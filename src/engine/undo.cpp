// SPDX-License-Identifier: Apache-2.0
#include "engine/undo.hpp"

#include "decide/plan.hpp"
#include "decide/taken_back.hpp"
#include "engine/executor.hpp"
#include "engine/ground.hpp"
#include "engine/hold.hpp"
#include "engine/sensitive.hpp"
#include "engine/state_tasks.hpp"
#include "engine/survey.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace permward {
namespace {

constexpr const char* changed_since =
    "it is not as that run left it any more; --force sets it back all the same";
constexpr const char* unknown_since =
    "that run was killed at it, and how it was left is not known; --force sets it back all the "
    "same";
constexpr const char* not_there = "it is not there any more";
constexpr const char* no_place = "the directory that it lay in is not there";
constexpr const char* not_empty = "it is not empty any more";
constexpr const char* not_kept = "nothing that is kept is what was in it";
constexpr const char* beside_alone =
    "that run set its times or extended attributes alone, of which the journal has nothing; what "
    "evidence has of it: `permward snapshot list --path PATH`";
constexpr const char* of_another_type = "something else has its name now";
constexpr const char* several_links = "it has other names, which would keep what is in it now";

// One object, from the first change that a run made of it to the last.
struct Undoing {
  std::string path;
  ObjectState before;
  ObjectState after;  // as it was left, or, where that is not known, as it was to be
  InodeKey inode;     // that it was then; zeros where it was to be absent, or is not known
  FileTime changed;   // its last change then
  bool known = true;
  bool done = false;      // the run did all of it that was to be done
  bool replaced = false;  // the run found another object under its name later on
};

void follow(Undoing& one, const RecordedChange& recorded) {
  one.known = recorded.outcome && recorded.outcome->after;
  one.done = one.known && recorded.outcome->status == name(Status::corrected);
  one.after = one.known ? *recorded.outcome->after : recorded.change.intended;
  one.inode = one.known ? recorded.outcome->inode : recorded.change.inode;
  one.changed = one.known ? recorded.outcome->changed : FileTime{};
}

bool without_effect(const RecordedChange& recorded) {
  return recorded.outcome && recorded.outcome->effect == Effect::none;
}

// Whether the change goes on from where the last one left the object: another one may have got its
// name between two attempts.
bool goes_on(const Undoing& one, const Change& change) {
  const bool gone = one.after.type == Type::absent;
  return gone ? change.before.type == Type::absent : same_inode(one.inode, change.inode);
}

using ByPath = std::map<std::vector<std::string>, std::vector<Undoing>>;

ByPath undoings_by_path(const std::vector<RecordedChange>& changes) {
  ByPath out;
  for (const RecordedChange& recorded : changes) {
    if (without_effect(recorded)) continue;
    const Change& change = recorded.change;
    std::vector<Undoing>& of_path = out[names_of(change.path)];
    if (of_path.empty() || !goes_on(of_path.back(), change)) {
      if (!of_path.empty()) of_path.back().replaced = true;
      Undoing& next = of_path.emplace_back();
      next.path = change.path;
      next.before = change.before;
    }
    follow(of_path.back(), recorded);
  }
  return out;
}

// What is to be made again, in the order of the paths, then what lies below before what it lies in.
std::vector<Undoing> undoings(const std::vector<RecordedChange>& changes) {
  std::vector<Undoing> out;
  std::vector<Undoing> rest;
  for (auto& [names, of_path] : undoings_by_path(changes)) {
    for (Undoing& one : of_path) {
      const bool to_make = one.after.type == Type::absent && !one.replaced;
      (to_make ? out : rest).push_back(std::move(one));
    }
  }
  std::move(rest.rbegin(), rest.rend(), std::back_inserter(out));
  return out;
}

class Undo final : private StateTasks {
 public:
  Undo(const Ground& ground, const std::vector<RecordedChange>& changes, const UndoOptions& options,
       const Hands& hands, ApplyOutcome& out)
      : StateTasks(ground, hands, options.stop, out),
        options_(options),
        sensitivity_(ground, observer_, steps_, options.kept.objects),
        undoings_(undoings(changes)) {}

  void take_back() {
    carry_out();
    make_durable();
  }

 private:
  [[nodiscard]] std::size_t size() const override { return undoings_.size(); }
  TaskPtr look(std::size_t index) override;
  void plan_made(Task& task) override;

  Result<void> open(Case& one);
  const char* why_left(Case& one, const Undoing& undoing);
  [[nodiscard]] bool find_kept(Case& one) const;
  static bool untouched(const Case& one, const Undoing& undoing);
  static bool was_installed(const Undoing& undoing);
  static bool is_beside_alone(const Undoing& undoing);
  static void allow_removal(Case& one, const Undoing& undoing);
  static bool is_split(const Case& one);
  void surround(Case& one, const Undoing& undoing);
  void take_rule(Case& one);
  void tell_replaced(const Undoing& undoing);
  void tell_beside(const Case& one);
  [[nodiscard]] static bool as_recorded(const Case& one, const Undoing& undoing);
  [[nodiscard]] bool owner_demanded(const Case& one);

  const UndoOptions& options_;
  Sensitivity sensitivity_;
  std::vector<Undoing> undoings_;
  std::set<std::string> removed_;  // paths of what is to be gone by then
  std::set<std::string> made_;     // and of what is to be there again
};

TaskPtr Undo::look(std::size_t index) {
  const Undoing& undoing = undoings_[index];
  if (undoing.replaced) {
    tell_replaced(undoing);
    return nullptr;
  }
  auto one = std::make_unique<Case>();
  one->index = index;
  one->path = undoing.path;
  one->names = names_of(undoing.path);
  if (const Result<void> seen = open(*one); !seen.ok()) {
    unseen(*one, seen.error());
    return nullptr;
  }
  one->now = state_of(one->observed);
  if (untouched(*one, undoing)) one->content = undoing.after.content;
  one->now.content = one->content;
  one->end = taken_back(one->now, undoing.before, undoing.after);
  if (!one->held) one->asked = facets_to_take_back(one->end.type);
  one->aspects = aspects(*one);
  if (one->aspects.empty() && is_beside_alone(undoing)) {
    tell_beside(*one);
    return nullptr;
  }
  if (one->aspects.empty()) return one;
  tell(*one);
  surround(*one, undoing);
  take_rule(*one);
  if (const char* why = why_left(*one, undoing)) {
    for (Finding& finding : one->findings) finding.reason = why;
    leave(*one);
    return nullptr;
  }
  one->reach = restrained(one->now, one->end, one->around);
  if (one->reach.left_unarmed && one->held) executor_.refuse_from_now_on(one->observed);
  one->actions = plan(one->now, one->reach.state);
  allow_removal(*one, undoing);
  if (is_split(*one)) {
    for (Finding& finding : one->findings) finding.reason = several_links;
    leave(*one);
    return nullptr;
  }
  if (!one->actions.empty() && one->reach.state.type == Type::absent) removed_.insert(one->path);
  if (!one->actions.empty() && one->now.type == Type::absent) made_.insert(one->path);
  return one;
}

// Where it is now nobody knows, and what has its name is another.
void Undo::tell_replaced(const Undoing& undoing) {
  left(undoing.path, Status::violation,
       "another object got its name during that run, and what the run had changed "
       "before was left");
}

void Undo::tell_beside(const Case& one) {
  left(one.path, Status::violation, beside_alone);
  Finding& finding = out_.found.findings.back();
  finding.aspect = Aspect::content;
  finding.type = one.now.type;
  finding.expected = "as it was";
  finding.actual = "as that run left it";
}

// What is gone is absent; so is what was never made.
Result<void> Undo::open(Case& one) {
  Result<Held> named = hold(ground_.system, ground_.safe_open, one.names);
  if (named.ok()) {
    set_directory(one.around, named->way);
    one.held = std::move(named->fd);
    one.looked = Task::Clock::now();
    TRY(observer_.of(one.held.get(), FacetSet{}, one.observed));
    one.asked = facets_to_take_back(one.observed.type);
    return observe(one, named->way);
  }
  if (named.error().kind != ErrorKind::not_found) return named.error();
  const Result<WayPtr> way = directory_of(ground_.safe_open, one.names);
  if (way.ok()) set_directory(one.around, *way);
  const std::vector<std::string> above(one.names.begin(), one.names.end() - 1);
  one.place = way.ok() || made_.count(path_of(above)) != 0;
  return {};
}

// Null: it may be set back.
const char* Undo::why_left(Case& one, const Undoing& undoing) {
  const Type now = one.now.type;
  if (now == Type::absent && undoing.after.type != Type::absent) return not_there;
  if (!one.place) return no_place;
  const bool exchanged = was_installed(undoing) && undoing.before.type == one.end.type;
  if (now != Type::absent && one.end.type != Type::absent && now != one.end.type &&
      !(exchanged && now == undoing.after.type)) {
    return of_another_type;
  }
  if (one.end.content && one.end.content != one.now.content && !find_kept(one)) return not_kept;
  if (now != Type::absent && one.end.type == Type::absent && !was_installed(undoing)) {
    const auto goes_before = [&](const char* name) {
      return removed_.count(one.path + '/' + name) != 0;
    };
    const Result<bool> empty = is_empty(ground_.system.kernel, one.held.get(), now, goes_before);
    if (!empty.ok() || !*empty) return not_empty;
  }
  if (options_.force) return nullptr;
  const bool left = as_recorded(one, undoing) && as_left(one.now, undoing.before, undoing.after);
  if (left && untouched(one, undoing)) return nullptr;
  return undoing.known ? changed_since : unknown_since;
}

// Entries of a directory come and go; whatever else is done to an object, or written, moves that
// time.
bool Undo::untouched(const Case& one, const Undoing& undoing) {
  const Type now = one.observed.type;
  return now == Type::directory || now == Type::absent || !undoing.known ||
         one.observed.changed == undoing.changed;
}

// What is to be there again, as some generation has it.
bool Undo::find_kept(Case& one) const {
  const auto& objects = options_.kept.objects;
  const SnapshotObject* const found = find_object(objects, one.path);
  if (found == nullptr || found->digest != one.end.content) return false;
  const auto at = static_cast<std::size_t>(found - objects.data());
  one.kept = {found, {options_.spool, options_.kept.contents[at], found->size}};
  return true;
}

// The run made it, and not empty.
bool Undo::was_installed(const Undoing& undoing) {
  return undoing.after.content || undoing.after.type == Type::symlink;
}

// Nothing that a state tells of was changed. Where a run failed nothing need have been.
bool Undo::is_beside_alone(const Undoing& undoing) {
  const bool there = undoing.after.type != Type::absent;
  return undoing.done && there && undoing.before == undoing.after;
}

void Undo::allow_removal(Case& one, const Undoing& undoing) {
  for (Action& action : one.actions) {
    if (auto* remove = std::get_if<Remove>(&action)) remove->kept = was_installed(undoing);
  }
}

// Whether one of its names would have something else in it than the others from then on.
bool Undo::is_split(const Case& one) {
  return one.observed.links > 1 &&
         std::any_of(one.actions.begin(), one.actions.end(),
                     [](const Action& action) { return std::holds_alternative<Install>(action); });
}

// Whether it is the inode that the run left.
bool Undo::as_recorded(const Case& one, const Undoing& undoing) {
  return one.now.type == Type::absent || same_inode(undoing.inode, inode_key(one.observed));
}

// Whoever no rule trusts for an aspect that is to change is not trusted; and whose it was is no
// word on whose it should be: what he could have written is armed only where a rule says that it is
// his, or nobody has acted since.
void Undo::surround(Case& one, const Undoing& undoing) {
  Surroundings& around = one.around;
  around.links = one.observed.links;
  around.offline = options_.offline;
  around.owner_demanded = owner_demanded(one);
  around.verified_before = options_.offline && as_recorded(one, undoing);
  const std::uint32_t owner = around.owner_demanded ? one.end.owner : 0;
  around.refused_before = executor_.record().refused_before(one.observed, one.end) ||
                          !as_recorded(one, undoing) ||
                          (!options_.offline && written_by_others(one.end, owner));
  add_untrusted(one);
}

// As of a restore: what is put there is verified as rules say, but in a root.
void Undo::take_rule(Case& one) {
  const bool renewed =
      one.end.type == Type::file && one.end.content && one.end.content != one.now.content;
  const Decided* const pinning = renewed ? decider(one, Aspect::content) : nullptr;
  if (pinning == nullptr || ground_.system.root.given()) return;
  one.verify = ground_.policy.rules[pinning->rule].verify;
  if (one.verify.empty()) return;
  one.around.renames = true;
  const ObjectState& before = one.now.type == Type::file ? one.now : one.end;
  one.sensitive = sensitivity_.of(one.path, one.path, before, one.end);
}

// Whether a rule of today says that whose it was is whose it should be.
bool Undo::owner_demanded(const Case& one) {
  const Decided* decided = decider(one, Aspect::owner);
  const auto* want = decided == nullptr ? nullptr : std::get_if<IdWant>(&decided->clause->want);
  if (want == nullptr || want->known) return false;
  return std::any_of(want->accounts.begin(), want->accounts.end(), [&](std::uint32_t index) {
    const Account& account = ground_.policy.accounts[index];
    return account.found() && account.id == one.end.owner;
  });
}

// What was inherited goes, too.
void Undo::plan_made(Task& task) {
  Case& one = case_of(task);
  one.now = state_of(one.observed);
  one.around.links = one.observed.links;
  one.reach = restrained(one.now, one.end, one.around);
  one.actions = plan(one.now, one.reach.state);
}

}  // namespace

Result<ApplyOutcome> undo(const Policy& policy, const System& system,
                          const std::vector<RecordedChange>& changes, const UndoOptions& options,
                          const Hands& hands) {
  return on_ground(policy, system, hands, [&](const Ground& ground, const Hands& knowing) {
    ApplyOutcome out;
    Undo(ground, changes, options, knowing, out).take_back();
    return out;
  });
}

}  // namespace permward
