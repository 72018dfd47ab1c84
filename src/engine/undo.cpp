// SPDX-License-Identifier: Apache-2.0
#include "engine/undo.hpp"

#include "decide/describe_action.hpp"
#include "decide/describe_change.hpp"
#include "decide/describe_restraint.hpp"
#include "decide/plan.hpp"
#include "decide/steps.hpp"
#include "decide/taken_back.hpp"
#include "engine/apart.hpp"
#include "engine/executor.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/resolve.hpp"
#include "engine/state_names.hpp"
#include "engine/survey.hpp"
#include "engine/trusted.hpp"
#include "os/directory.hpp"
#include "os/mounts.hpp"

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
constexpr const char* of_another_type = "something else has its name now";

// One object, from the first change that a run made of it to the last.
struct Undoing {
  std::string path;
  ObjectState before;
  ObjectState after;  // as it was left, or, where that is not known, as it was to be
  InodeKey inode;     // that it was then; zeros where it was to be absent, or is not known
  FileTime changed;   // its last change then
  bool known = true;
  bool replaced = false;  // the run found another object under its name later on
};

void follow(Undoing& one, const RecordedChange& recorded) {
  one.known = recorded.outcome && recorded.outcome->after;
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

bool speaks_of(const std::vector<LoggedAspect>& differences, Aspect aspect) {
  return std::any_of(differences.begin(), differences.end(),
                     [aspect](const LoggedAspect& one) { return one.aspect == aspect; });
}

class Undo final : private Tasks {
 public:
  Undo(const Ground& ground, const std::vector<RecordedChange>& changes, const UndoOptions& options,
       const Hands& hands, ApplyOutcome& out)
      : ground_(ground),
        options_(options),
        undoings_(undoings(changes)),
        out_(out),
        observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
        steps_(ground.machine, Steps::small_budget),
        names_(*ground.system.names),
        executor_(ground.system, ground.safe_open, observer_, hands, options.stop) {}

  void take_back() {
    out_.found.objects = undoings_.size();
    executor_.carry_out(*this);
    out_.found.interrupted = executor_.interrupted();
    out_.changed = executor_.changed();
    out_.error = executor_.error();
    std::sort(out_.found.findings.begin(), out_.found.findings.end(), report_order);
    std::sort(out_.plan.begin(), out_.plan.end(),
              [](const PlannedObject& a, const PlannedObject& b) { return a.path < b.path; });
  }

 private:
  struct Case final : Task {
    ObjectState end;    // as it was before
    bool place = true;  // there is a directory that it lies in, or would by then
    std::vector<LoggedAspect> aspects;
    std::vector<Finding> findings;  // one an aspect
  };
  static Case& case_of(Task& task) { return static_cast<Case&>(task); }

  [[nodiscard]] std::size_t size() const override { return undoings_.size(); }
  TaskPtr look(std::size_t index) override;
  Result<void> observe(Task& task, const WayPtr& way) override {
    return observe_held(observer_, task.held.get(), way, name_of(task), task.asked, task.observed);
  }
  void plan_made(Task& task) override;
  void rehearse(Task& task) override;
  bool settle(Task& task, const Result<void>& acted, const Result<void>& observed) override;
  void leave(Task& task) override;

  Result<void> open(Case& one);
  void unseen(const Case& one, const Error& error);
  const char* why_left(const Case& one, const Undoing& undoing);
  void tell(Case& one);
  void surround(Case& one, const Undoing& undoing);
  void tell_replaced(const Undoing& undoing);
  [[nodiscard]] static bool as_recorded(const Case& one, const Undoing& undoing);
  [[nodiscard]] bool owner_demanded(const Case& one);
  [[nodiscard]] std::vector<LoggedAspect> aspects(const Case& one);
  [[nodiscard]] const Decided* decider(const Case& one, Aspect aspect);
  Steps::Place place_of(const Case& one);

  const Ground& ground_;
  const UndoOptions& options_;
  std::vector<Undoing> undoings_;
  ApplyOutcome& out_;
  Observer observer_;
  Steps steps_;
  StateNames names_;
  SharedPaths paths_;
  std::set<std::string> removed_;  // paths of what is to be gone by then
  std::set<std::string> made_;     // and of what is to be there again
  Executor executor_;
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
  one->end = taken_back(one->now, undoing.before, undoing.after);
  if (!one->held) one->asked = facets_to_take_back(one->end.type);
  one->aspects = aspects(*one);
  if (one->aspects.empty()) return one;
  tell(*one);
  surround(*one, undoing);
  if (const char* why = why_left(*one, undoing)) {
    for (Finding& finding : one->findings) finding.reason = why;
    leave(*one);
    return nullptr;
  }
  one->reach = restrained(one->now, one->end, one->around);
  if (one->reach.left_unarmed && one->held) executor_.refuse_from_now_on(one->observed);
  one->actions = plan(one->now, one->reach.state);
  if (!one->actions.empty() && one->reach.state.type == Type::absent) removed_.insert(one->path);
  if (!one->actions.empty() && one->now.type == Type::absent) made_.insert(one->path);
  return one;
}

// Where it is now nobody knows, and what has its name is another.
void Undo::tell_replaced(const Undoing& undoing) {
  Finding finding;
  finding.rule = of_no_rule;
  finding.aspect = Aspect::presence;
  finding.status = Status::violation;
  finding.path = paths_.share(undoing.path);
  finding.expected = "present";
  finding.actual = "absent";
  finding.reason =
      "another object got its name during that run, and what the run had changed "
      "before was left";
  out_.found.findings.push_back(std::move(finding));
}

// What is gone is absent; so is what was never made.
Result<void> Undo::open(Case& one) {
  Result<Held> named = hold(ground_.system, ground_.safe_open, one.names);
  if (named.ok()) {
    one.around.controllers = may_add(named->control);
    one.held = std::move(named->fd);
    one.looked = Task::Clock::now();
    TRY(observer_.of(one.held.get(), FacetSet{}, one.observed));
    one.asked = facets_to_take_back(one.observed.type);
    return observe(one, named->way);
  }
  if (named.error().kind != ErrorKind::not_found) return named.error();
  const Result<WayPtr> way = directory_of(ground_.safe_open, one.names);
  if (way.ok()) one.around.controllers = may_add((*way)->control);
  const std::vector<std::string> above(one.names.begin(), one.names.end() - 1);
  one.place = way.ok() || made_.count(path_of(above)) != 0;
  return {};
}

// Its path cannot be followed, or not safely.
void Undo::unseen(const Case& one, const Error& error) {
  Finding finding;
  finding.rule = of_no_rule;
  finding.aspect = Aspect::path;
  const bool unsafe = error.kind == ErrorKind::insecure_path;
  finding.status = unsafe ? Status::refused : Status::error;
  finding.path = paths_.share(one.path);
  finding.message = message_of(error);
  out_.found.findings.push_back(std::move(finding));
}

// Null: it may be set back.
const char* Undo::why_left(const Case& one, const Undoing& undoing) {
  const Type now = one.now.type;
  if (now == Type::absent && undoing.after.type != Type::absent) return not_there;
  if (!one.place) return no_place;
  if (now != Type::absent && one.end.type != Type::absent && now != one.end.type) {
    return of_another_type;
  }
  if (now != Type::absent && one.end.type == Type::absent) {
    const auto goes_before = [&](const char* name) {
      return removed_.count(one.path + '/' + name) != 0;
    };
    const Result<bool> empty = is_empty(ground_.system.kernel, one.held.get(), now, goes_before);
    if (!empty.ok() || !*empty) return not_empty;
  }
  if (options_.force) return nullptr;
  const bool left = as_recorded(one, undoing) && as_left(one.now, undoing.before, undoing.after);
  // Entries come and go; whatever else is done to it, or written, moves that time.
  const bool untouched = now == Type::directory || now == Type::absent || !undoing.known ||
                         one.observed.changed == undoing.changed;
  if (left && untouched) return nullptr;
  return undoing.known ? changed_since : unknown_since;
}

// Whether it is the inode that the run left.
bool Undo::as_recorded(const Case& one, const Undoing& undoing) {
  return one.now.type == Type::absent || same_inode(undoing.inode, inode_key(one.observed));
}

std::vector<LoggedAspect> Undo::aspects(const Case& one) {
  names_.learn(one.now);
  names_.learn(one.end);
  return differences(one.now, one.end, nullptr, names_.names());
}

// One finding an aspect, in the name of the rule that decides it, if there is one.
void Undo::tell(Case& one) {
  for (const LoggedAspect& aspect : one.aspects) {
    Finding finding;
    finding.rule = of_no_rule;
    finding.aspect = aspect.aspect;
    finding.status = Status::violation;
    finding.type = one.now.type;
    finding.path = paths_.share(one.path);
    finding.expected = aspect.intended;
    finding.actual = aspect.before;
    if (const Decided* decided = decider(one, aspect.aspect)) {
      finding.rule = decided->rule;
      finding.source = decided->clause->pos;
    }
    one.findings.push_back(std::move(finding));
  }
}

Steps::Place Undo::place_of(const Case& one) {
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : one.names) place = steps_.step(place, name, stopped);
  return place;
}

// Good until the next one.
const Decided* Undo::decider(const Case& one, Aspect aspect) {
  const Type type = one.now.type == Type::absent ? one.end.type : one.now.type;
  const Demand& demand = steps_.demand(place_of(one), type);
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == aspect) return &decided;
  }
  return nullptr;
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
  around.refused_before = executor_.refused_before(one.observed, one.end) ||
                          !as_recorded(one, undoing) ||
                          (!options_.offline && written_by_others(one.end, owner));
  for (const Finding& finding : one.findings) {
    const bool ruled = finding.rule != of_no_rule;
    const Principals trusted =
        ruled ? trusted_by(ground_.policy, ground_.policy.rules[finding.rule]) : Principals{};
    around.untrusted.add(without(around.controllers, trusted));
  }
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

void Undo::rehearse(Task& task) {
  Case& one = case_of(task);
  if (one.actions.empty()) return;
  const auto left = differences(one.reach.state, one.end, nullptr, names_.names());
  for (Finding& finding : one.findings) {
    if (!speaks_of(left, finding.aspect)) finding.status = Status::would_correct;
  }
  PlannedObject planned{paths_.share(one.path), {}};
  for (const Action& action : one.actions) {
    planned.actions.push_back(action_text(action, names_.names()));
  }
  out_.plan.push_back(std::move(planned));
}

bool Undo::settle(Task& task, const Result<void>& acted, const Result<void>& observed) {
  Case& one = case_of(task);
  const bool moved = !acted.ok() && acted.error().kind == ErrorKind::changed;
  const bool seen = observed.ok() && !moved;
  const AttributeSet missing = not_put_back(one);
  const ObjectState now = state_of(one.observed);
  const auto from_end = differences(now, one.end, nullptr, names_.names());
  const auto from_reach = differences(now, one.reach.state, nullptr, names_.names());
  bool all = missing.empty();
  for (Finding& finding : one.findings) {
    const bool there = seen && !speaks_of(from_end, finding.aspect);
    const bool refused = seen && !there && !speaks_of(from_reach, finding.aspect);
    all = all && (there || refused);
    if (refused) continue;
    finding.status = there && missing.empty() ? Status::corrected : Status::failed;
    if (!there) finding.reason = why_failed(acted, observed);
    if (!missing.empty()) finding.reason = not_put_back_text(missing, acted);
  }
  return all;
}

void Undo::leave(Task& task) {
  Case& one = case_of(task);
  const bool restrained = one.reach.why != Restraint::none;
  names_.learn(one.around.controllers);
  if (one.aspects.empty()) ++out_.found.compliant;
  for (Finding& finding : one.findings) {
    if (restrained && finding.status == Status::violation && finding.reason.empty()) {
      finding.status = Status::refused;
      finding.reason = restraint_text(one.reach.why, one.around, names_.names());
    }
    out_.found.findings.push_back(std::move(finding));
  }
}

Result<ApplyOutcome> undo_all(const Policy& policy, const System& system,
                              const std::vector<RecordedChange>& changes,
                              const UndoOptions& options, const Hands& hands) {
  TRY_ASSIGN(const Mounts mounts, read_mounts(system.kernel, system.root));
  Observer observer(system.kernel, mounts);
  SafeOpen safe_open(system.kernel, observer, system.root.get());
  Placement placed = place_rules(policy, mounts, safe_open, system.hostname);
  safe_open.rest();
  const Machine machine(policy, std::move(placed.resolution.targets), mounts, {}, {});
  Hands knowing = hands;
  RefusedInodes refused;
  TRY(recall_refusals(knowing, refused));
  ApplyOutcome out;
  out.found.rules_here = placed.rules_here;
  const Ground ground{policy, system, mounts, safe_open, machine};
  Undo(ground, changes, options, knowing, out).take_back();
  return out;
}

}  // namespace

Result<ApplyOutcome> undo(const Policy& policy, const System& system,
                          const std::vector<RecordedChange>& changes, const UndoOptions& options,
                          const Hands& hands) {
  return in_a_thread_apart<ApplyOutcome>(
      [&] { return undo_all(policy, system, changes, options, hands); });
}

}  // namespace permward
