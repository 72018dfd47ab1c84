// SPDX-License-Identifier: Apache-2.0
#include "engine/state_tasks.hpp"

#include "decide/describe_action.hpp"
#include "decide/describe_change.hpp"
#include "decide/describe_restraint.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/trusted.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

constexpr const char* not_cleared =
    "what had its place could not be removed, and is left beside it; the next run removes it";

bool speaks_of(const std::vector<LoggedAspect>& differences, Aspect aspect) {
  return std::any_of(differences.begin(), differences.end(),
                     [aspect](const LoggedAspect& one) { return one.aspect == aspect; });
}

}  // namespace

StateTasks::StateTasks(const Ground& ground, const Hands& hands, const std::atomic<bool>* stop,
                       ApplyOutcome& out)
    : ground_(ground),
      out_(out),
      observer_(ground.system.kernel, ground.mounts, ground.system.names.get()),
      steps_(ground.machine, Steps::small_budget),
      names_(*ground.system.names),
      executor_(ground.system, ground.safe_open, observer_, hands, stop) {}

void StateTasks::carry_out() {
  out_.found.objects = size();
  executor_.carry_out(*this);
  out_.found.interrupted = executor_.interrupted();
  out_.changed = executor_.changed();
  out_.error = executor_.record().error();
  std::sort(out_.found.findings.begin(), out_.found.findings.end(), report_order);
  std::sort(out_.plan.begin(), out_.plan.end(),
            [](const PlannedObject& a, const PlannedObject& b) { return a.path < b.path; });
}

void StateTasks::make_durable() {
  const Result<void> durable = executor_.make_durable();
  if (!durable.ok()) out_.not_durable = durable.error();
}

Result<void> StateTasks::observe(Task& task, const WayPtr& way) {
  return observe_held(observer_, task.held.get(), way, name_of(task), task.asked, task.observed);
}

void StateTasks::left(const std::string& path, Status status, std::string_view reason) {
  Finding finding;
  finding.rule = of_no_rule;
  finding.aspect = Aspect::presence;
  finding.status = status;
  finding.path = paths_.share(path);
  finding.expected = "present";
  finding.actual = "absent";
  finding.reason = reason;
  out_.found.findings.push_back(std::move(finding));
}

void StateTasks::add_untrusted(Case& one) {
  for (const Finding& finding : one.findings) {
    const bool ruled = finding.rule != of_no_rule;
    const Principals trusted =
        ruled ? trusted_by(ground_.policy, ground_.policy.rules[finding.rule]) : Principals{};
    one.around.untrusted.add(without(one.around.controllers, trusted));
  }
}

std::vector<LoggedAspect> StateTasks::aspects(const Case& one) {
  names_.learn(one.now);
  names_.learn(one.end);
  return differences(one.now, one.end, nullptr, names_.names());
}

void StateTasks::tell(Case& one) {
  for (const LoggedAspect& aspect : one.aspects) {
    Finding finding;
    finding.rule = of_no_rule;
    finding.aspect = aspect.aspect;
    finding.status = Status::violation;
    finding.type = one.now.type;
    finding.path = paths_.share(one.path);
    finding.expected = aspect.intended;
    finding.actual = aspect.before;
    const Decided* decided = decider(one, aspect.aspect);
    if (decided == nullptr) decided = decider(one, Aspect::content);  // whoever pins it
    if (decided != nullptr) {
      finding.rule = decided->rule;
      finding.source = decided->clause->pos;
    }
    one.findings.push_back(std::move(finding));
  }
}

Steps::Place StateTasks::place_of(const Case& one) {
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : one.names) place = steps_.step(place, name, stopped);
  return place;
}

const Decided* StateTasks::decider(const Case& one, Aspect aspect) {
  const Type type = one.now.type == Type::absent ? one.end.type : one.now.type;
  const Demand& demand = steps_.demand(place_of(one), type);
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == aspect) return &decided;
  }
  return nullptr;
}

void StateTasks::rehearse(Task& task) {
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

bool StateTasks::settle(Task& task, const Result<void>& acted, const Result<void>& observed) {
  Case& one = case_of(task);
  const bool moved = !acted.ok() && acted.error().kind == ErrorKind::changed;
  const bool seen = observed.ok() && !moved;
  const AttributeSet missing = not_put_back(one);
  ObjectState now = state_of(one.observed);
  if (now.type == Type::file) now.content = one.content;
  const auto from_end = differences(now, one.end, nullptr, names_.names());
  const auto from_reach = differences(now, one.reach.state, nullptr, names_.names());
  const bool clear = missing.empty() && !one.left_beside && !one.not_durable;
  bool all = clear;
  for (Finding& finding : one.findings) {
    // That it is there is all of it.
    const bool whole = finding.aspect == Aspect::presence || finding.aspect == Aspect::type;
    const bool there = seen && (whole ? from_end.empty() : !speaks_of(from_end, finding.aspect));
    const bool refused = seen && !there && !speaks_of(from_reach, finding.aspect);
    all = all && (there || refused);
    if (refused) continue;
    finding.status = there && clear ? Status::corrected : Status::failed;
    if (!there) finding.reason = why_failed(at_path(acted, one.path), observed);
    if (there && one.left_beside) finding.reason = not_cleared;
    if (there && one.not_durable) finding.reason = message_of(*one.not_durable);
    if (!one.left_others.empty()) {
      finding.reason = "what somebody else had put there meanwhile is in " + one.left_others;
    }
    if (!missing.empty()) finding.reason = not_put_back_text(missing, at_path(acted, one.path));
  }
  return all;
}

void StateTasks::leave(Task& task) {
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

void StateTasks::unseen(const Case& one, const Error& error) {
  Finding finding;
  finding.rule = of_no_rule;
  finding.aspect = Aspect::path;
  const bool unsafe = error.kind == ErrorKind::insecure_path;
  finding.status = unsafe ? Status::refused : Status::error;
  finding.path = paths_.share(one.path);
  finding.message = message_of(error);
  out_.found.findings.push_back(std::move(finding));
}

}  // namespace permward
