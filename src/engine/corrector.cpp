// SPDX-License-Identifier: Apache-2.0
#include "engine/corrector.hpp"

#include "decide/describe_action.hpp"
#include "decide/describe_principals.hpp"
#include "decide/plan.hpp"
#include "decide/waive.hpp"
#include "decide/wanted.hpp"
#include "engine/examine.hpp"
#include "model/mode.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <sys/resource.h>
#include <utility>
#include <variant>

namespace permward {
namespace {

constexpr std::size_t steps_bytes = std::size_t{1} << 20;
constexpr int most_attempts = 3;            // at an object that changes under our hands
constexpr std::size_t most_at_once = 1000;  // objects; one wait for the disk
constexpr const char* could_be_written =
    "somebody else could have written what is in it, or put it there";

// Whether some action can bring that into policy.
bool corrigible(Aspect aspect) {
  switch (aspect) {
    case Aspect::owner:
    case Aspect::group:
    case Aspect::mode:
    case Aspect::acl:
    case Aspect::default_acl:
    case Aspect::attributes:
    case Aspect::capabilities:
      return true;
    default:
      return false;
  }
}

bool to_enforce(const Policy& policy, const Finding& finding) {
  return finding.status == Status::violation && policy.rules[finding.rule].enforce;
}

bool all_found(const Policy& policy, const std::vector<AclWantEntry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [&policy](const AclWantEntry& entry) {
    return policy.accounts[entry.account].found();
  });
}

// Whether a name of the clause has no account, or nobody could say.
bool lacks_account(const Policy& policy, const Clause& clause) {
  if (const auto* id = std::get_if<IdWant>(&clause.want)) {
    return std::any_of(id->accounts.begin(), id->accounts.end(),
                       [&policy](std::uint32_t index) { return !policy.accounts[index].found(); });
  }
  if (const auto* acl = std::get_if<AclWant>(&clause.want)) {
    return !all_found(policy, acl->at_most) || !all_found(policy, acl->at_least);
  }
  const auto* default_acl = std::get_if<DefaultAclWant>(&clause.want);
  return default_acl != nullptr && !all_found(policy, default_acl->named);
}

Principals trusted_by(const Policy& policy, const Rule& rule) {
  Principals out;
  for (const TrustedPrincipal& one : rule.trust) {
    if (one.everyone) {
      out.anyone = true;
      continue;
    }
    const Account& account = policy.accounts[one.account];
    if (!account.found()) continue;  // nobody can act under it
    if (account.kind == AccountKind::user) out.add_user(account.id);
    if (account.kind == AccountKind::group) out.add_group(account.id);
  }
  return out;
}

// Whoever has a lease on a file, or took one meanwhile, can keep its attributes from being put
// back.
std::string not_put_back(AttributeSet missing, const Result<void>& acted) {
  const std::string why = acted.ok() ? "" : ": " + message_of(acted.error());
  return attributes_text(missing) + " was lifted for the work and could not be put back" + why;
}

std::string why_failed(const Result<void>& acted, const Result<void>& seen) {
  if (!acted.ok()) return message_of(acted.error());
  if (!seen.ok()) return message_of(seen.error());
  return "it is not so after it was corrected";
}

// What is taken away for the time of the work, and is to be there again.
AttributeSet lifted_by(const std::vector<Action>& actions, const ObjectState& wanted) {
  if (actions.empty()) return {};
  const auto* first = std::get_if<SetAttributes>(&actions.front());
  return first == nullptr ? AttributeSet{} : first->clear & wanted.attributes;
}

// Half of the descriptors that the process may have.
std::size_t most_held() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  return std::clamp<std::size_t>(limit.rlim_cur / 2, 1, most_at_once);
}

InodeKey key_of(const Observed& observed) {
  return {observed.identity.device, observed.identity.inode, observed.birth};
}

Result<Fd> hold(const Ground& ground, const Suspect& names, ControlPtr& control) {
  if (names.empty()) return open_root_directory(ground.system.root.get());
  const std::span<const std::string> above(names.data(), names.size() - 1);
  TRY_ASSIGN(const WayPtr way, ground.safe_open.directory(above));
  if (!way->present) return Error{ErrorKind::not_found, "find", path_of(names), 0};
  control = way->control;
  return take_hold(ground.system.kernel, way->fd.get(), names.back().c_str());
}

}  // namespace

std::vector<Suspect> take_suspects(const Ground& ground, std::chrono::year_month_day today,
                                   CheckOutcome& found) {
  waive(found.findings, ground.policy, today);
  std::vector<SharedPath> objects;
  for (const Finding& finding : found.findings) {
    const bool wrong = to_enforce(ground.policy, finding) && corrigible(finding.aspect);
    if (wrong) objects.push_back(finding.object());
  }
  std::sort(objects.begin(), objects.end());
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  std::erase_if(found.findings, [&objects](const Finding& finding) {
    return std::binary_search(objects.begin(), objects.end(), finding.object());
  });
  std::vector<Suspect> out;
  out.reserve(objects.size());
  for (const SharedPath& object : objects) out.push_back(names_of(object.text()));
  std::sort(out.begin(), out.end(), std::greater<>());
  return out;
}

Corrector::Corrector(const Ground& ground, const ApplyOptions& options, const Hands& hands)
    : ground_(ground),
      options_(options),
      hands_(hands),
      observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
      steps_(ground.machine, steps_bytes),
      judge_(ground.machine.rules(), *ground.system.names, options.check.passes),
      most_held_(most_held()) {}

std::vector<PlannedObject> Corrector::take_plan() {
  std::sort(plan_.begin(), plan_.end(),
            [](const PlannedObject& a, const PlannedObject& b) { return a.path < b.path; });
  return std::move(plan_);
}

bool Corrector::interrupted(CheckOutcome& found) const {
  const auto* stop = options_.check.stop;
  if (stop != nullptr && stop->load(std::memory_order_relaxed)) found.interrupted = true;
  return found.interrupted;
}

bool Corrector::stopped(CheckOutcome& found) const { return interrupted(found) || error_; }

void Corrector::correct(const std::vector<Suspect>& suspects, CheckOutcome& found) {
  ground_.safe_open.rest();
  for (const Suspect& suspect : suspects) {
    if (interrupted(found)) break;
    take(suspect, found);
    if (pending_.size() == most_held_) carry_out(found);
  }
  carry_out(found);
}

void Corrector::take(const Suspect& suspect, CheckOutcome& found) {
  CasePtr one = look(suspect, found);
  if (!one) return;
  // Without a journal the rest is only reported.
  if (hands_.changer != nullptr && !one->actions.empty() && !error_) {
    pending_.push_back(std::move(one));
    return;
  }
  if (hands_.changer == nullptr) plan_only(*one);
  leave(*one, found);
}

// --- What is there, and what is to become of it ---

// Null where it could not be looked at, which is said.
Corrector::CasePtr Corrector::look(const Suspect& suspect, CheckOutcome& found) {
  auto one = std::make_unique<Case>();
  one->names = suspect;
  one->path = path_of(suspect);
  ControlPtr control;
  const Result<void> seen = open(*one, control);
  if (!seen.ok()) {
    lost(*one, seen.error(), found);
    return nullptr;
  }
  decide(*one, control);
  return one;
}

Result<void> Corrector::open(Case& one, ControlPtr& control) {
  TRY_ASSIGN(one.held, hold(ground_, one.names, control));
  TRY(observer_.of(one.held.get(), FacetSet{}, one.observed));
  one.demand = steps_.demand(place_of(one.names), one.observed.type);
  return observe(one);
}

// All that the demand asks for, and what a change may drop.
Result<void> Corrector::observe(Case& one) {
  const FacetSet asked = one.demand.asks | facets_to_plan(one.observed.type);
  TRY(observer_.of(one.held.get(), asked, one.observed));
  read_at_length({ground_.system.kernel, observer_, options_.check.stop}, one.held.get(),
                 one.demand, one.observed);
  return {};
}

Steps::Place Corrector::place_of(const Suspect& suspect) {
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : suspect) place = steps_.step(place, name, stopped);
  return place;
}

void Corrector::decide(Case& one, const ControlPtr& control) {
  const Policy& policy = ground_.policy;
  one.judged = judge_all(policy, one.demand, one.observed);
  std::vector<Judged> to_hold;
  bool unknown = false;
  for (const Judged& judged : one.judged) {
    Finding finding = judge_.finding_of(judged, one.observed, one.path);
    waive(finding, policy, options_.today);
    const Clause& clause = *judged.decided->clause;
    const bool nobody = judged.status == Status::error && lacks_account(policy, clause);
    const bool unsure = judged.status == Status::error && policy.rules[finding.rule].enforce;
    const bool correct = !nobody && (unsure || to_enforce(policy, finding));
    if (correct || judged.status == Status::pass) to_hold.push_back(judged);
    unknown = unknown || nobody;
    const auto* id = std::get_if<IdWant>(&clause.want);
    const bool owner = clause.aspect == Aspect::owner && id != nullptr && !id->known;
    one.around.owner_demanded = one.around.owner_demanded || owner;
    one.to_correct.push_back(correct && corrigible(finding.aspect));
    one.findings.push_back(std::move(finding));
  }
  surround(one, control);
  one.now = state_of(one.observed);
  const ObjectState end = wanted(policy, one.observed, to_hold);
  one.around.refused_before = refused_before(one, end);
  one.reach = unknown ? Restrained{one.now, Restraint::unknown_account, false}
                      : restrained(one.now, end, one.around);
  if (one.reach.left_unarmed) refuse_from_now_on(one);
  one.actions = plan(one.now, one.reach.state);
  for (const Judged& judged : one.judged) {
    const Status then = judge_in_state(policy, judged, one.observed, one.reach.state);
    one.within_reach.push_back(then == Status::pass);
  }
}

void Corrector::surround(Case& one, const ControlPtr& control) const {
  one.around.links = one.observed.links;
  one.around.offline = options_.offline;
  one.around.controllers = may_add(control);
  for (std::size_t i = 0; i < one.judged.size(); ++i) {
    if (!one.to_correct[i]) continue;
    const Rule& rule = ground_.policy.rules[one.judged[i].decided->rule];
    one.around.untrusted.add(without(one.around.controllers, trusted_by(ground_.policy, rule)));
  }
}

// Whether an earlier run would not arm that inode. Owner and mode may be right by now; what is in
// it may still be what somebody wrote, or writes, through a descriptor that he has open.
bool Corrector::refused_before(const Case& one, const ObjectState& wanted) {
  const bool armed = (wanted.mode & set_id_bits) != 0 || wanted.capabilities;
  if (hands_.journal == nullptr || wanted.type != Type::file || !armed) return false;
  const auto refusal = hands_.journal->find_refusal(key_of(one.observed));
  if (!refusal.ok() && !error_) error_ = refusal.error();
  return !refusal.ok() || refusal->has_value();
}

void Corrector::refuse_from_now_on(const Case& one) {
  if (hands_.journal == nullptr) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  refusals_.push_back({key_of(one.observed), could_be_written, now});
}

// Its path cannot be followed any more, or not safely; or nothing is there.
void Corrector::lost(const Case& one, const Error& error, CheckOutcome& found) {
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
  found.objects -= judge_.objects() == objects ? 1U : 0U;  // it has vanished, and need not be there
  for (Finding& finding : judge_.take_findings()) {
    const bool unsafe = error.kind == ErrorKind::insecure_path;
    if (finding.status == Status::error && unsafe) finding.status = Status::refused;
    waive(finding, ground_.policy, options_.today);
    found.findings.push_back(std::move(finding));
  }
}

void Corrector::plan_only(Case& one) {
  for (std::size_t i = 0; i < one.judged.size(); ++i) {
    if (one.to_correct[i] && one.within_reach[i]) one.findings[i].status = Status::would_correct;
    const bool holds = one.findings[i].status == Status::pass;
    if (holds && !one.within_reach[i]) spoil(one, i, Status::violation);
  }
  if (one.actions.empty()) return;
  ++changed_;
  const AccountNames& names = judge_.names_for(one.observed);
  PlannedObject planned{SharedPath(one.path), {}};
  for (const Action& action : one.actions) planned.actions.push_back(action_text(action, names));
  plan_.push_back(std::move(planned));
}

// --- What is done ---

// All that is pending is on the disk before the first of it is changed.
void Corrector::carry_out(CheckOutcome& found) {
  Cases cases = std::move(pending_);
  pending_.clear();
  std::uint64_t sequence = 0;
  if (cases.empty()) return (void)remember();
  const bool written = !stopped(found) && write_down(cases, sequence);
  for (CasePtr& one : cases) {
    if (written && !stopped(found)) {
      correct_one(std::move(one), sequence++, found);
      continue;
    }
    if (written) note_outcome(*one, sequence++, "left");
    leave(*one, found);
  }
  (void)remember();
  write_outcomes();
}

bool Corrector::write_down(const Cases& cases, std::uint64_t& first) {
  if (hands_.journal == nullptr) return true;
  if (!remember()) return false;
  std::vector<Change> changes;
  changes.reserve(cases.size());
  for (const CasePtr& one : cases) {
    changes.push_back({one->path, key_of(one->observed), one->now, one->reach.state,
                       lifted_by(one->actions, one->reach.state)});
  }
  const Result<std::uint64_t> recorded = hands_.journal->record(*hands_.run, changes);
  if (recorded.ok()) {
    first = *recorded;
  } else {
    error_ = recorded.error();
  }
  return recorded.ok();
}

// On the disk before owner and mode are such that nothing else tells.
bool Corrector::remember() {
  if (refusals_.empty()) return true;
  const Result<void> remembered = hands_.journal->add_refusals(refusals_);
  refusals_.clear();
  if (!remembered.ok()) error_ = remembered.error();
  return remembered.ok();
}

// What is not as it was seen any more, or not where it was, is looked at again.
void Corrector::correct_one(CasePtr one, std::uint64_t sequence, CheckOutcome& found) {
  bool counted = false;
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt == most_attempts;
    Result<void> acted = Error{ErrorKind::changed, "correct", one->path, 0};
    bool there = false;
    if (as_seen(*one)) {
      acted = act(*one);
      there = still_there(*one);
      if (!there) acted = Error{ErrorKind::changed, "correct", one->path, 0};
    }
    const bool done = settle(*one, acted);
    if (one->reach.left_unarmed) refuse_from_now_on(*one);  // a copy-up may have made it another
    note_outcome(*one, sequence, name(done ? Status::corrected : Status::failed));
    if (one->changed && !counted) ++changed_;
    counted = counted || one->changed;
    if ((there && (done || !acted.ok())) || last) return leave(*one, found);
    ground_.safe_open.rest();
    one = look(Suspect(one->names), found);
    if (!one) return;
    if (one->actions.empty()) return leave(*one, found);
    Cases alone;
    alone.push_back(std::move(one));
    const bool written = write_down(alone, sequence);
    one = std::move(alone.front());
    if (!written) return leave(*one, found);
  }
}

// It was looked at some hundred objects ago.
bool Corrector::as_seen(const Case& one) {
  const FacetSet asked = one.demand.asks | facets_to_plan(one.now.type);
  Observed now;
  return observer_.of(one.held.get(), asked, now).ok() && now.links == one.around.links &&
         state_of(now) == one.now;
}

// What is lifted is put back, also where a step between fails.
Result<void> Corrector::act(Case& one) {
  Result<void> out;
  for (const Action& action : one.actions) {
    out = hands_.changer->change(one.held.get(), one.now.type, action);
    if (!out.ok()) break;
    one.changed = true;
  }
  const AttributeSet lifted = lifted_by(one.actions, one.reach.state);
  if (!out.ok() && one.changed && !lifted.empty()) put_back(one, lifted);
  return out;
}

void Corrector::put_back(const Case& one, AttributeSet lifted) {
  // That it fails is seen by the observation that follows.
  (void)hands_.changer->change(one.held.get(), one.now.type, SetAttributes{lifted, {}});
}

// Whether its path, resolved once more and from the root, leads to what is held.
bool Corrector::still_there(const Case& one) {
  ground_.safe_open.rest();
  ControlPtr control;
  const Result<Fd> named = hold(ground_, one.names, control);
  Observed held;
  Observed now;
  return named.ok() && observer_.of(one.held.get(), FacetSet{}, held).ok() &&
         observer_.of(named->get(), FacetSet{}, now).ok() && now.identity == held.identity;
}

// What was changed is observed again: what is called corrected has been seen to be. True: all that
// was within reach is.
bool Corrector::settle(Case& one, const Result<void>& acted) {
  const Result<void> seen = observe(one);
  const bool gone = !acted.ok() && acted.error().kind == ErrorKind::changed;
  const AttributeSet lifted = lifted_by(one.actions, one.reach.state);
  const AttributeSet missing =
      one.changed ? lifted.without(one.observed.attributes.set) : AttributeSet{};
  bool all = missing.empty();
  for (std::size_t i = 0; i < one.judged.size(); ++i) {
    const Judged& judged = one.judged[i];
    const Status now = seen.ok()
                           ? judge(ground_.policy, *judged.demand, *judged.decided, one.observed)
                           : Status::error;
    Finding& finding = one.findings[i];
    if (!one.within_reach[i]) {
      if (finding.status == Status::pass && now != Status::pass) spoil(one, i, now);
      continue;
    }
    const bool holds = now == Status::pass && !gone;
    all = all && holds;
    if (one.to_correct[i]) {
      const bool done = holds && missing.empty();
      finding.status = done ? Status::corrected : Status::failed;
      if (!holds) finding.reason = why_failed(acted, seen);
      if (!missing.empty()) finding.reason = not_put_back(missing, acted);
    } else if (!holds && finding.status == Status::pass) {
      finding.status = now == Status::pass ? Status::failed : now;
      finding.reason = "it held before the others were corrected";
    }
  }
  return all;
}

void Corrector::note_outcome(const Case& one, std::uint64_t sequence, std::string_view status) {
  if (hands_.journal == nullptr) return;
  Outcome outcome;
  outcome.sequence = sequence;
  outcome.status = std::string(status);
  outcome.effect = one.changed ? Effect::some : Effect::none;
  outcome.after = state_of(one.observed);
  outcomes_.push_back(std::move(outcome));
}

void Corrector::write_outcomes() {
  if (hands_.journal == nullptr || outcomes_.empty()) return;
  const Result<void> written = hands_.journal->outcome(*hands_.run, outcomes_);
  if (!written.ok() && !error_) error_ = written.error();
  outcomes_.clear();
}

// --- What is said ---

// It held until others were corrected: a new owner is not given set-id bits, and what two rules say
// of group and mask need not go together.
void Corrector::spoil(Case& one, std::size_t i, Status now) {
  const bool refused = one.reach.why != Restraint::none;
  one.findings[i].status = refused ? Status::refused : now;
  one.findings[i].reason = refused ? why_not(one) : "it held before the others were corrected";
}

// What is not within reach is refused, or stays what it is.
void Corrector::leave(Case& one, CheckOutcome& found) {
  for (std::size_t i = 0; i < one.judged.size(); ++i) {
    const bool refused = one.to_correct[i] && !one.within_reach[i] &&
                         one.reach.why != Restraint::none &&
                         one.findings[i].status == Status::violation;
    if (refused) {
      one.findings[i].status = Status::refused;
      one.findings[i].reason = why_not(one);
    }
  }
  bool compliant = true;  // somebody else was faster
  for (Finding& finding : one.findings) {
    compliant = compliant && finding.status == Status::pass;
    const bool told = finding.status != Status::pass || options_.check.passes;
    if (told) found.findings.push_back(std::move(finding));
  }
  if (compliant && one.demand.counted) ++found.compliant;
}

std::string Corrector::why_not(const Case& one) {
  const AccountNames& names = judge_.names_for(one.around.controllers);
  switch (one.reach.why) {
    case Restraint::none:
      break;
    case Restraint::unknown_account:
      return "nothing of it is corrected while a name in its rules has no account";
    case Restraint::second_link:
      return "it has " + std::to_string(one.around.links) + " links, and " +
             principals_text(one.around.controllers, names) + " may make links where it lies";
    case Restraint::controlled:
      return principals_text(one.around.untrusted, names) +
             " may change what lies there; close the directory, look at it and run again, or "
             "accept "
             "that in the rule: trust = [" +
             trust_text(one.around.untrusted, names) + "]";
    case Restraint::unverified:
      return std::string(could_be_written) + ": look at it, and make it anew";
  }
  return "";
}

}  // namespace permward
