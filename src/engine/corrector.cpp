// SPDX-License-Identifier: Apache-2.0
#include "engine/corrector.hpp"

#include "decide/describe_action.hpp"
#include "decide/describe_restraint.hpp"
#include "decide/plan.hpp"
#include "decide/waive.hpp"
#include "decide/wanted.hpp"
#include "engine/examine.hpp"
#include "engine/hold.hpp"
#include "engine/trusted.hpp"
#include "model/baseline.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <variant>

namespace permward {
namespace {

// What a rule says that may be made: its type is stated.
Type type_to_create(const Rule& rule) {
  const Clause* clause = find_clause(rule, Aspect::type);
  const auto* want = clause == nullptr ? nullptr : std::get_if<TypeWant>(&clause->want);
  const bool directory = want != nullptr && want->allowed.has(Type::directory);
  return directory ? Type::directory : Type::file;
}

// What has just been made, as if it had been read.
Observed as_made(Type type) {
  Observed out;
  out.type = type;
  out.links = 1;
  out.attributes.known = AttributeSet::all();
  out.attributes.others = Read::value;
  out.capabilities.state = Read::value;
  out.acl.state = Read::value;
  out.default_acl.state = Read::value;
  out.content = {Read::value, 0, Sha256().digest()};
  return out;
}

// Of a directory that is as `state` says, in one whose control is `above`.
ControlPtr control_of(const ControlPtr& above, const ObjectState& state) {
  const std::vector<std::byte> acl = encode_acl(state.acl);
  DirectoryFacts facts;
  facts.owner = state.owner;
  facts.group = state.group;
  facts.mode = state.mode;
  if (!state.acl.empty()) facts.acl = AclView::parse(acl).value_or(AclView{});
  return below(above, facts);
}

}  // namespace

Corrector::Corrector(const Ground& ground, const ApplyOptions& options, const Hands& hands,
                     Suspects suspects, CheckOutcome& found)
    : ground_(ground),
      options_(options),
      suspects_(std::move(suspects.objects)),
      found_(found),
      told_(std::move(suspects.told), found.findings),
      observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
      steps_(ground.machine, Steps::small_budget),
      judge_(ground.machine.rules(), *ground.system.names, options.check.passes),
      executor_(ground.system, ground.safe_open, observer_, hands, options.check.stop) {}

void Corrector::expect(const std::vector<SnapshotObject>& directories) {
  for (const SnapshotObject& directory : directories) {
    const Suspect names = names_of(directory.path);
    const Result<ControlPtr> above = names.empty() ? ControlPtr() : control_above(names);
    if (above.ok()) planned_[names] = control_of(*above, directory.state);
  }
}

void Corrector::correct() {
  executor_.carry_out(*this);
  told_.drop_outdated();
  found_.interrupted = found_.interrupted || executor_.interrupted();
}

std::vector<PlannedObject> Corrector::take_plan() {
  std::sort(plan_.begin(), plan_.end(),
            [](const PlannedObject& a, const PlannedObject& b) { return a.path < b.path; });
  return std::move(plan_);
}

Steps::Place Corrector::place_of(const Suspect& suspect) {
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : suspect) place = steps_.step(place, name, stopped);
  return place;
}

// --- What is there, and what is to become of it ---

// Null where it could not be looked at, which is said.
TaskPtr Corrector::look(std::size_t index) {
  told_.outdate(index);
  auto one = std::make_unique<Case>();
  one->index = index;
  one->names = suspects_[index];
  one->path = path_of(one->names);
  Result<Held> named = hold(ground_.system, ground_.safe_open, one->names);
  const Result<void> seen = named.ok() ? open(*one, std::move(*named)) : named.error();
  if (seen.ok()) {
    decide(*one);
    return one;
  }
  if (seen.error().kind == ErrorKind::not_found && plan_to_make(*one)) return one;
  lost(*one, seen.error());
  return nullptr;
}

Result<void> Corrector::open(Case& one, Held named) {
  one.held = std::move(named.fd);
  set_directory(one.around, named.way);
  one.looked = Task::Clock::now();
  const FacetSet usual = facets_to_plan(Type::file);
  TRY(observe_held(observer_, one.held.get(), named.way, name_of(one), usual, one.observed));
  one.demand = steps_.demand(place_of(one.names), one.observed.type);
  one.asked = one.demand.asks | facets_to_plan(one.observed.type);
  return usual.covers(one.asked) ? Result<void>() : observe(one, named.way);
}

// All that the demand asks for, and what a change may drop.
Result<void> Corrector::observe(Task& task, const WayPtr& way) {
  TRY(observe_held(observer_, task.held.get(), way, name_of(task), task.asked, task.observed));
  const Reader reader{ground_.system.kernel, observer_, options_.check.stop,
                      options_.check.baseline, options_.check.beside};
  const Case& one = case_of(task);
  read_at_length(
      reader, task.held.get(), one.demand, [&one] { return one.path; }, task.observed);
  return {};
}

// False: what is missing there is not to be made.
bool Corrector::plan_to_make(Case& one) {
  const Steps::Place place = place_of(one.names);
  if (place.node() == no_node) return false;
  const Demand& absent = steps_.demand_absent(place.node());
  for (const Judged& judged : judge_all(ground_.policy, absent, Observed{})) {
    Finding finding = judge_.finding_of(judged, Observed{}, one.path);
    waive(finding, ground_.policy, options_.today);
    if (!to_create(ground_.policy, finding)) continue;
    const Type type = type_to_create(ground_.policy.rules[finding.rule]);
    one.absence = std::move(finding);
    one.demand = steps_.demand(place_of(one.names), type);
    one.observed = as_made(type);
    const Baseline* const baseline = options_.check.baseline;
    one.observed.accepted.state = Read::value;
    if (baseline != nullptr) one.observed.accepted = baseline->accepted(one.path);
    one.asked = one.demand.asks | facets_to_plan(type);
    plan_absent(one);
    return true;
  }
  return false;
}

// As if it had just been made; what is to be corrected of that is not told.
void Corrector::plan_absent(Case& one) {
  Result<ControlPtr> control = control_above(one.names);
  if (!control.ok()) {
    one.absence->status = Status::failed;
    one.absence->reason = message_of(control.error());
    return;
  }
  one.control = std::move(*control);
  one.around.controllers = may_add(one.control);
  const Result<WayPtr> way = directory_of(ground_.safe_open, one.names);
  if (way.ok()) one.around.bars = (*way)->bars;
  decide(one);
  const Rule& rule = ground_.policy.rules[one.absence->rule];
  one.around.untrusted.add(without(one.around.controllers, trusted_by(ground_.policy, rule)));
  one.observed = Observed{};
  one.now = ObjectState{};
  const bool unknown = one.reach.why == Restraint::unknown_account;
  one.reach = unknown ? Restrained{one.now, Restraint::unknown_account, false}
                      : restrained(one.now, one.reach.state, one.around);
  one.actions = plan(one.now, one.reach.state);
  one.verdicts.clear();
}

// That of a directory that is there, or would be by then.
Result<ControlPtr> Corrector::control_above(const Suspect& suspect) {
  const Result<WayPtr> way = directory_of(ground_.safe_open, suspect);
  if (way.ok()) return (*way)->control;
  const auto planned = planned_.find(Suspect(suspect.begin(), suspect.end() - 1));
  if (planned != planned_.end()) return planned->second;
  Error error = way.error();
  if (error.kind == ErrorKind::not_found) {
    error.subject = path_of(std::span(suspect).first(suspect.size() - 1));
  }
  return error;
}

void Corrector::plan_made(Task& task) { decide(case_of(task)); }

void Corrector::decide(Case& one) {
  const Policy& policy = ground_.policy;
  Verdicts found =
      find_verdicts(policy, one.demand, one.observed, one.path, judge_, options_.today);
  one.verdicts = std::move(found.all);
  one.around.owner_demanded = one.around.owner_demanded || found.owner_demanded;
  surround(one);
  one.now = state_of(one.observed);
  const ObjectState end = wanted(policy, one.observed, found.to_hold);
  one.around.refused_before = executor_.record().refused_before(one.observed, end);
  one.reach = found.unknown_account ? Restrained{one.now, Restraint::unknown_account, false}
                                    : restrained(one.now, end, one.around);
  if (one.reach.left_unarmed && one.held) executor_.refuse_from_now_on(one.observed);
  one.actions = plan(one.now, one.reach.state);
  for (Verdict& verdict : one.verdicts) {
    const Status then = judge_in_state(policy, verdict.judged, one.observed, one.reach.state);
    verdict.within_reach = then == Status::pass;
  }
}

void Corrector::surround(Case& one) const {
  one.around.links = one.observed.links;
  one.around.offline = options_.offline;
  for (const Verdict& verdict : one.verdicts) {
    if (!verdict.correct) continue;
    const Rule& rule = ground_.policy.rules[verdict.judged.decided->rule];
    one.around.untrusted.add(without(one.around.controllers, trusted_by(ground_.policy, rule)));
  }
}

// Its path cannot be followed any more, or not safely; or nothing is there.
void Corrector::lost(const Case& one, const Error& error) {
  const Steps::Place place = place_of(one.names);
  const std::uint64_t objects = judge_.objects();
  if (error.kind != ErrorKind::not_found) {
    if (const auto speaker = steps_.speaker(place)) {
      judge_.unseen(*speaker, Type::absent, error, one.path);
    }
  } else if (place.node() != no_node) {
    const Demand& demand = steps_.demand_absent(place.node());
    judge_.examined(demand, Observed{}, [&one] { return one.path; });
  }
  found_.objects -= judge_.objects() == objects ? 1U : 0U;  // vanished, and need not be there
  for (Finding& finding : judge_.take_findings()) {
    refuse_unsafe(finding);
    waive(finding, ground_.policy, options_.today);
    told_.tell(std::move(finding));
  }
}

void Corrector::rehearse(Task& task) {
  Case& one = case_of(task);
  for (Verdict& verdict : one.verdicts) {
    Finding& finding = verdict.finding;
    if (verdict.correct && verdict.within_reach) finding.status = Status::would_correct;
    const bool holds = finding.status == Status::pass;
    if (holds && !verdict.within_reach) spoil(one, finding, Status::violation);
  }
  if (one.actions.empty()) return;
  if (one.absence) {
    one.absence->status = Status::would_correct;
    planned_[one.names] = control_of(one.control, one.reach.state);
  }
  const AccountNames& names = judge_.names_for(one.observed);
  PlannedObject planned{SharedPath(one.path), {}};
  for (const Action& action : one.actions) planned.actions.push_back(action_text(action, names));
  plan_.push_back(std::move(planned));
}

// What was changed is observed again: what is called corrected has been seen to be. True: all that
// was within reach is.
bool Corrector::settle(Task& task, const Result<void>& acted, const Result<void>& observed) {
  Case& one = case_of(task);
  const bool gone = !acted.ok() && acted.error().kind == ErrorKind::changed;
  const AttributeSet missing = not_put_back(one);
  bool all = missing.empty();
  for (Verdict& verdict : one.verdicts) {
    const Judged& judged = verdict.judged;
    const Status now = observed.ok()
                           ? judge(ground_.policy, *judged.demand, *judged.decided, one.observed)
                           : Status::error;
    Finding& finding = verdict.finding;
    if (!verdict.within_reach) {
      if (finding.status == Status::pass && now != Status::pass) spoil(one, finding, now);
      continue;
    }
    const bool holds = now == Status::pass && !gone;
    all = all && holds;
    if (verdict.correct) {
      const bool done = holds && missing.empty();
      finding.status = done ? Status::corrected : Status::failed;
      const Result<void> ended = at_path(acted, one.path);
      if (!holds) finding.reason = why_failed(ended, observed);
      if (!missing.empty()) finding.reason = not_put_back_text(missing, ended);
    } else if (!holds && finding.status == Status::pass) {
      finding.status = now == Status::pass ? Status::failed : now;
      finding.reason = "it held before the others were corrected";
    }
  }
  return settle_absence(one, acted) && all;
}

// True also where it had been there. What was made and not planned for is nobody's, and not as it
// is to be.
bool Corrector::settle_absence(Case& one, const Result<void>& acted) {
  if (!one.absence) return true;
  const bool gone = !acted.ok() && acted.error().kind == ErrorKind::changed;
  const bool made = one.held && !gone && !one.verdicts.empty();
  one.absence->status = made ? Status::corrected : Status::failed;
  if (!made) one.absence->reason = why_failed(at_path(acted, one.path), {});
  return made;
}

// It held until others were corrected: a new owner is not given set-id bits, and what two rules say
// of group and mask need not go together.
void Corrector::spoil(const Case& one, Finding& finding, Status now) {
  const bool refused = one.reach.why != Restraint::none;
  finding.status = refused ? Status::refused : now;
  finding.reason = refused ? why_not(one) : "it held before the others were corrected";
}

// What is not within reach is refused, or stays what it is. Of what was made it is told only what
// it does not have.
void Corrector::leave(Task& task) {
  Case& one = case_of(task);
  const bool restrained = one.reach.why != Restraint::none;
  bool compliant = !one.absence;  // somebody else was faster
  if (one.absence) {
    if (restrained && one.absence->status == Status::violation) refuse(one, *one.absence);
    told_.tell(std::move(*one.absence));
  }
  for (Verdict& verdict : one.verdicts) {
    Finding& finding = verdict.finding;
    const bool wrong = finding.status == Status::violation;
    if (verdict.correct && !verdict.within_reach && restrained && wrong) refuse(one, finding);
    const bool told_as_made = one.absence && finding.aspect == Aspect::presence;
    const bool made_so = one.absence && (finding.status == Status::corrected || told_as_made);
    compliant = compliant && finding.status == Status::pass;
    const bool told = finding.status != Status::pass || options_.check.passes;
    if (told && !made_so) told_.tell(std::move(finding));
  }
  if (compliant && one.demand.counted) ++found_.compliant;
}

void Corrector::refuse(const Case& one, Finding& finding) {
  finding.status = Status::refused;
  finding.reason = why_not(one);
}

std::string Corrector::why_not(const Case& one) {
  return restraint_text(one.reach.why, one.around, judge_.names_for(one.around.controllers));
}

}  // namespace permward
