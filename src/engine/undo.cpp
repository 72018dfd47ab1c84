// SPDX-License-Identifier: Apache-2.0
#include "engine/undo.hpp"

#include "decide/lifted.hpp"
#include "decide/plan.hpp"
#include "decide/taken_back.hpp"
#include "engine/executor.hpp"
#include "engine/ground.hpp"
#include "engine/hold.hpp"
#include "engine/sensitive.hpp"
#include "engine/state_tasks.hpp"
#include "engine/survey.hpp"
#include "engine/undo_order.hpp"
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
constexpr const char* not_as_made = "it was made, and is not there any more: look at what is";
constexpr const char* several_links = "it has other names, which would keep what is in it now";

using Part = Undoing::Part;

class Undo final : private StateTasks {
 public:
  Undo(const Ground& ground, const std::vector<RecordedChange>& changes, const UndoOptions& options,
       const Hands& hands, ApplyOutcome& out)
      : StateTasks(ground, hands, options.stop, out),
        options_(options),
        sensitivity_(ground, observer_, steps_, options.kept.objects),
        rehearses_(hands.changer == nullptr),
        undoings_(in_undo_order(changes)) {}

  void take_back();

 private:
  [[nodiscard]] std::size_t size() const override { return undoings_.size(); }
  [[nodiscard]] bool is_owed(std::size_t index) const override;
  TaskPtr look(std::size_t index) override;
  void plan_made(Task& task) override;
  bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) override;
  void leave(Task& task) override;

  TaskPtr look_at_barred(std::unique_ptr<Case> one, const Undoing& undoing);
  TaskPtr look_at_made(std::unique_ptr<Case> one, const Undoing& undoing);

  Result<void> open(Case& one);
  void surround_by(Case& one, const WayPtr& way) const;
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
  bool rehearses_;
  std::vector<Undoing> undoings_;
  std::set<std::string> removed_;  // paths of what is to be gone by then
  std::set<std::string> made_;     // and of what is to be there again
  // By path: directories that bar nothing by then, as they are to be; and those that are made
  // without what will bar them.
  std::map<std::string, ObjectState> lifted_;
  std::map<std::string, InodeKey> not_barred_;
  std::set<std::string> changed_;
  std::uint64_t again_ = 0;  // objects that were changed, or would be, once more
};

void Undo::take_back() {
  carry_out();
  out_.changed -= again_;
  out_.found.objects -= static_cast<std::uint64_t>(
      std::count_if(undoings_.begin(), undoings_.end(),
                    [](const Undoing& one) { return one.part != Part::whole; }));
  make_durable();
}

// What bars a directory that was made is not left out.
bool Undo::is_owed(std::size_t index) const {
  const Undoing& undoing = undoings_[index];
  return undoing.part == Part::bars && not_barred_.count(undoing.path) != 0;
}

TaskPtr Undo::look(std::size_t index) {
  const Undoing& undoing = undoings_[index];
  if (undoing.replaced) {
    tell_replaced(undoing);
    return nullptr;
  }
  if (undoing.part == Part::bars && not_barred_.count(undoing.path) == 0) return nullptr;
  auto one = std::make_unique<Case>();
  one->index = index;
  one->path = undoing.path;
  one->names = names_of(undoing.path);
  if (const Result<void> seen = open(*one); !seen.ok()) {
    if (undoing.part != Part::lifts) unseen(*one, seen.error());
    return nullptr;
  }
  one->now = state_of(one->observed);
  if (undoing.part == Part::lifts) return look_at_barred(std::move(one), undoing);
  if (undoing.part == Part::bars) return look_at_made(std::move(one), undoing);
  const auto lifted = lifted_.find(one->path);
  if (rehearses_ && lifted != lifted_.end()) one->now = lifted->second;
  if (untouched(*one, undoing)) one->content = undoing.after.content;
  one->now.content = one->content;
  one->end = taken_back(one->now, undoing.before, undoing.after);
  if (!one->held) one->asked = facets_to_take_back(one->end.type);
  one->aspects = aspects(*one);
  if (one->aspects.empty() && is_beside_alone(undoing)) {
    tell_beside(*one);
    return nullptr;
  }
  if (one->aspects.empty() && lifted != lifted_.end()) return nullptr;  // it was all of it
  if (one->aspects.empty()) return one;
  tell(*one);
  surround(*one, undoing);
  take_rule(*one);
  if (const char* why = why_left(*one, undoing)) {
    for (Finding& finding : one->findings) finding.reason = why;
    leave(*one);
    return nullptr;
  }
  if (one->now.type == Type::absent && !rehearses_ && until_barred(one->end) != one->end) {
    one->eventually = std::exchange(one->end, until_barred(one->end));
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

// Null where nothing of it can be done yet: what is to be said of it is said with the whole.
TaskPtr Undo::look_at_barred(std::unique_ptr<Case> one, const Undoing& undoing) {
  if (one->now.type != Type::directory) return nullptr;
  one->end = while_lifted(one->now, taken_back(one->now, undoing.before, undoing.after));
  one->aspects = aspects(*one);
  if (one->aspects.empty()) return nullptr;
  tell(*one);
  surround(*one, undoing);
  if (why_left(*one, undoing) != nullptr) return nullptr;
  one->reach = restrained(one->now, one->end, one->around);
  if (one->reach.why != Restraint::none) return nullptr;
  one->actions = plan(one->now, one->reach.state);
  lifted_[one->path] = one->end;
  return one;
}

// Whoever may rename there can have put another in its place.
TaskPtr Undo::look_at_made(std::unique_ptr<Case> one, const Undoing& undoing) {
  const bool same = one->held && same_inode(not_barred_[one->path], inode_key(one->observed));
  if (!same) {
    left(one->path, Status::failed, not_as_made);
    return nullptr;
  }
  one->end = one->now;
  one->end.attributes = one->now.attributes | (undoing.before.attributes & attributes_in_status);
  one->aspects = aspects(*one);
  if (one->aspects.empty()) return nullptr;
  tell(*one);
  one->reach = {one->end, Restraint::none, false};
  one->actions = plan(one->now, one->end);
  return one;
}

bool Undo::settle(Task& task, const Result<void>& acted, const Result<void>& observed) {
  const Case& one = case_of(task);
  const bool done = StateTasks::settle(task, acted, observed);
  if (one.eventually && one.changed && one.held && observed.ok()) {
    not_barred_[one.path] = inode_key(one.observed);
  }
  return done;
}

// One word on each: what was lifted of a directory that is to be gone, or could not be lifted, is
// told with the whole of it; and that what was made is barred again with its being there.
void Undo::leave(Task& task) {
  const Case& one = case_of(task);
  const bool acts = rehearses_ ? !one.actions.empty() : one.changed;
  if (acts && !changed_.insert(one.path).second) ++again_;
  const Undoing& undoing = undoings_[one.index];
  const bool well =
      std::all_of(one.findings.begin(), one.findings.end(), [](const Finding& finding) {
        return finding.status == Status::corrected || finding.status == Status::would_correct;
      });
  const bool to_go = undoing.before.type == Type::absent;
  if (undoing.part == Part::lifts && (to_go || !well)) return;
  if (undoing.part == Part::bars && well) return;
  StateTasks::leave(task);
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

// A rehearsal has lifted nothing.
void Undo::surround_by(Case& one, const WayPtr& way) const {
  set_directory(one.around, way);
  if (!rehearses_ || !way) return;
  const auto lifted = lifted_.find(path_of(way->names));
  if (lifted != lifted_.end()) one.around.bars = bars_of(lifted->second);
}

// What is gone is absent; so is what was never made.
Result<void> Undo::open(Case& one) {
  Result<Held> named = hold(ground_.system, ground_.safe_open, one.names);
  if (named.ok()) {
    surround_by(one, named->way);
    one.held = std::move(named->fd);
    one.looked = Task::Clock::now();
    TRY(observer_.of(one.held.get(), FacetSet{}, one.observed));
    one.asked = facets_to_take_back(one.observed.type);
    return observe(one, named->way);
  }
  if (named.error().kind != ErrorKind::not_found) return named.error();
  const Result<WayPtr> way = directory_of(ground_.safe_open, one.names);
  if (way.ok()) surround_by(one, *way);
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
  ObjectState after = undoing.after;
  if (undoing.part == Part::whole && lifted_.count(one.path) != 0) {
    after.attributes = after.attributes.without(attributes_in_status.without(one.now.attributes));
  }
  const bool left = as_recorded(one, undoing) && as_left(one.now, undoing.before, after);
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
