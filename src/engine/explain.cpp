// SPDX-License-Identifier: Apache-2.0
#include "engine/explain.hpp"

#include "base/text.hpp"
#include "decide/compare.hpp"
#include "decide/conflict.hpp"
#include "decide/explain.hpp"
#include "decide/steps.hpp"
#include "engine/apart.hpp"
#include "engine/examine.hpp"
#include "engine/judge.hpp"
#include "engine/resolve.hpp"
#include "os/directory.hpp"
#include "os/kernel.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace permward {
namespace {

using Names = std::vector<std::string>;

// A path that was asked for, and the place that is looked at for it.
struct Question {
  std::string path;
  Names names;
  std::optional<Error> error;  // the path could not be resolved, or not safely
};

// Paths of rules that decide nothing here, and why: `why` has one entry a target.
struct IdleTargets {
  std::vector<Target> targets;
  std::vector<std::string> why;
};

std::string why_idle(const Rule& rule, InForce state) {
  switch (state) {
    case InForce::yes:
      break;
    case InForce::disabled:
      return "it is disabled";
    case InForce::other_host:
      return "its 'when' does not hold: the host is not called '" +
             printable(rule.when->hostname->text) + "'";
    case InForce::path_missing:
      return "its 'when' does not hold: there is no '" + printable(*rule.when->path_exists) + "'";
  }
  return "";
}

// The paths of rules that are not in force, and of rules in force those that could not be resolved.
IdleTargets idle_targets(const Policy& policy, const std::vector<InForce>& states,
                         const std::vector<Unresolved>& unresolved, SafeOpen& safe_open) {
  std::vector<bool> idle;
  for (const InForce state : states) idle.push_back(state != InForce::yes);
  IdleTargets out;
  const auto add = [&out](const Target& target, std::string why) {
    out.targets.push_back(target);
    // An index into other targets; that there is one says that the target is a link's.
    std::optional<std::uint32_t>& from = out.targets.back().followed_from;
    if (from) from = static_cast<std::uint32_t>(out.targets.size() - 1);
    out.why.push_back(std::move(why));
  };
  Resolution resolution = resolve(policy, idle, safe_open);
  for (const Target& target : resolution.targets) {
    add(target, why_idle(policy.rules[target.rule], states[target.rule]));
  }
  for (const Unresolved& one : resolution.unresolved) {
    add(one.target, why_idle(policy.rules[one.target.rule], states[one.target.rule]));
  }
  for (const Unresolved& one : unresolved) {
    add(one.target, "its path could not be verified: " + message_of(one.error));
  }
  return out;
}

// Answers one question after the other. Runs in a thread apart.
class Explainer {
 public:
  Explainer(const Machine& machine, const Machine& idle, const std::vector<std::string>& why_idle,
            const System& system, SafeOpen& safe_open, Observer& observer, const Baseline* baseline)
      : machine_(machine),
        idle_(idle),
        why_idle_(why_idle),
        policy_(*machine.rules().policy),
        root_(system.root.get()),
        safe_open_(safe_open),
        observer_(observer),
        baseline_(baseline),
        steps_(machine, Steps::small_budget),
        idle_steps_(idle, Steps::small_budget),
        judge_(machine.rules(), *system.names, true) {}

  void answer(const std::string& path, std::vector<Explanation>& out);

  [[nodiscard]] const std::set<TreeConflict>& conflicts() const { return steps_.conflicts(); }

 private:
  Explanation explanation_of(const Question& question);
  Steps::Place walk(const Names& names, Explanation& out);
  Result<Fd> hold(const Names& names);
  void look(const Question& question, Steps::Place place, Explanation& out);
  void compare(const Demand& demand, const Observed& observed, const std::string& real_path,
               Explanation& out);
  void not_seen(Steps::Place place, const Error& error, const std::string& real_path,
                Explanation& out);
  std::vector<Accept> idle_accepts(const Names& names);
  void tell_rules(const std::vector<Accept>& accepts, const std::vector<Accept>& idle,
                  Explanation& out);
  std::vector<Names> leads(const Names& link);

  const Machine& machine_;
  const Machine& idle_;
  const std::vector<std::string>& why_idle_;
  const Policy& policy_;
  int root_;
  SafeOpen& safe_open_;
  Observer& observer_;
  const Baseline* baseline_;
  Steps steps_;
  Steps idle_steps_;
  Judge judge_;
  Observed observed_;  // of the question in hand; as far as it could be seen
};

void Explainer::answer(const std::string& path, std::vector<Explanation>& out) {
  Question question{path, {}, std::nullopt};
  Result<Names> names = resolve_argument(path, safe_open_);
  if (names.ok()) {
    question.names = std::move(*names);
  } else {
    question.names = reached_argument(path, safe_open_);
    question.error = std::move(names).error();
  }
  Explanation own = explanation_of(question);
  std::vector<Names> ways;
  if (own.type == Type::symlink) ways = leads(question.names);
  // A link that is a way to what some rule speaks of, and nothing else, is not told of for itself.
  const bool spoken_of = !own.rules.empty() || !own.not_in_force.empty();
  if (ways.empty() || spoken_of) out.push_back(std::move(own));
  for (Names& way : ways) out.push_back(explanation_of({path, std::move(way), std::nullopt}));
}

Explanation Explainer::explanation_of(const Question& question) {
  Explanation out;
  out.path = question.path;
  if (out.path.size() > 1 && out.path.ends_with('/')) out.path.pop_back();
  const std::string real_path = path_of(question.names);
  if (real_path != out.path) out.resolved = real_path;

  const Steps::Place place = walk(question.names, out);
  const std::vector<Accept> accepts = steps_.accepts(place);
  out.rules_below =
      steps_.enumerates(place) || (place.node() != no_node && machine_.node(place.node()).ruled);
  look(question, place, out);
  tell_rules(accepts, idle_accepts(question.names), out);
  if (out.rules.empty() && out.not_in_force.empty()) {
    out.nearest = nearest_target(machine_, question.names);
  }
  return out;
}

Steps::Place Explainer::walk(const Names& names, Explanation& out) {
  Steps::Place place = steps_.place(steps_.root());
  std::string path;
  for (const std::string& name : names) {
    path.append("/").append(name);
    bool stopped = false;
    place = steps_.step(place, name, stopped);
    if (stopped) out.stopped_at.push_back(path);
  }
  return place;
}

// Whatever lies there, a link too; it is not opened.
Result<Fd> Explainer::hold(const Names& names) {
  if (names.empty()) return open_root_directory(root_);
  const std::span<const std::string> above(names.data(), names.size() - 1);
  TRY_ASSIGN(const WayPtr way, safe_open_.directory(above));
  if (!way->present) return Error{ErrorKind::not_found, "find", path_of(names), 0};
  return take_hold(safe_open_.kernel(), way->fd.get(), names.back().c_str());
}

void Explainer::look(const Question& question, Steps::Place place, Explanation& out) {
  const std::string real_path = path_of(question.names);
  observed_ = {};
  Result<Fd> held = question.error ? Result<Fd>(*question.error) : hold(question.names);
  Result<void> seen =
      held.ok() ? observer_.of(held->get(), FacetSet{}, observed_) : Result<void>(held.error());
  if (seen.ok()) {
    const Demand& demand = steps_.demand(place, observed_.type);
    const Reader reader{safe_open_.kernel(), observer_, nullptr, baseline_};
    seen = read_demanded(
        reader, held->get(), demand, [&] { return std::string(real_path); }, observed_);
  }
  if (seen.ok()) {
    out.type = observed_.type;
    return compare(steps_.demand(place, observed_.type), observed_, real_path, out);
  }
  observed_ = {};
  if (seen.error().kind != ErrorKind::not_found) {
    return not_seen(place, seen.error(), real_path, out);
  }
  if (place.node() == no_node) return;
  compare(steps_.demand_absent(place.node()), observed_, real_path, out);
}

void Explainer::compare(const Demand& demand, const Observed& observed,
                        const std::string& real_path, Explanation& out) {
  for (const Judged& judged : judge_all(policy_, demand, observed)) {
    const Clause& clause = *judged.decided->clause;
    if (!demands(clause, observed.type)) continue;
    const bool wrong_type = clause.aspect == Aspect::type && clause.alternative == 0 &&
                            policy_.rules[judged.decided->rule].enforce &&
                            judged.status != Status::pass;
    out.wrong_type = out.wrong_type || wrong_type;
    out.decided.push_back({judge_.finding_of(judged, observed, real_path), judged.decided->parts});
  }
  std::stable_sort(
      out.decided.begin(), out.decided.end(),
      [](const Decision& a, const Decision& b) { return a.finding.aspect < b.finding.aspect; });
}

void Explainer::not_seen(Steps::Place place, const Error& error, const std::string& real_path,
                         Explanation& out) {
  out.unseen = message_of(error);
  const auto speaker = steps_.speaker(place);
  if (!speaker) return;
  judge_.unseen(*speaker, Type::absent, error, real_path);
  for (Finding& finding : judge_.take_findings()) out.decided.push_back({std::move(finding), 0});
}

std::vector<Accept> Explainer::idle_accepts(const Names& names) {
  Steps::Place place = idle_steps_.place(idle_steps_.root());
  bool stopped = false;
  for (const std::string& name : names) place = idle_steps_.step(place, name, stopped);
  return idle_steps_.accepts(place);
}

void Explainer::tell_rules(const std::vector<Accept>& accepts, const std::vector<Accept>& idle,
                           Explanation& out) {
  out.as = out.type;
  if (out.type == Type::absent) {
    out.as =
        accepts.empty() ? likely_type(idle_.rules(), idle) : likely_type(machine_.rules(), accepts);
  }
  Observed observed = observed_;
  observed.type = out.as;
  const AccountNames& accounts = judge_.names_for(observed);
  out.rules = explain_rules(machine_.rules(), accepts, observed, accounts);
  out.not_in_force = explain_idle_rules(idle_.rules(), idle, observed, accounts);
  for (std::size_t i = 0; i < idle.size(); ++i) {
    out.not_in_force[i].note = why_idle_[idle[i].target];
  }
}

// Where the link leads by those rules that follow it.
std::vector<Names> Explainer::leads(const Names& link) {
  std::vector<Names> out;
  for (const Target& target : machine_.rules().targets) {
    const bool one_object = target.followed_from || !pattern_of(policy_, target).glob();
    if (!policy_.rules[target.rule].follow || !one_object || target.head == link) continue;
    const Result<Names> names = resolve_argument(target.shown, safe_open_);
    if (!names.ok() || *names != link) continue;
    if (std::find(out.begin(), out.end(), target.head) == out.end()) out.push_back(target.head);
  }
  return out;
}

Result<ExplainOutcome> answer_all(const Policy& policy, const System& system,
                                  const ExplainOptions& options) {
  const Kernel& kernel = system.kernel;
  TRY_ASSIGN(const Mounts mounts, read_mounts(kernel, system.root));
  Observer observer(kernel, mounts, system.names.get());
  SafeOpen safe_open(kernel, observer, system.root.get());

  ExplainOutcome out;
  Placement placed = place_rules(policy, mounts, safe_open, system.hostname);
  out.rules_here = placed.rules_here;
  out.conflicts = std::move(placed.conflicts);
  if (!out.conflicts.empty()) return out;

  Resolution& resolution = placed.resolution;
  IdleTargets idle = idle_targets(policy, placed.states, resolution.unresolved, safe_open);
  const Machine machine(policy, std::move(resolution.targets), mounts, {}, options.selected);
  const Machine idle_machine(policy, std::move(idle.targets), mounts, {}, {});
  Explainer explainer(machine, idle_machine, idle.why, system, safe_open, observer,
                      options.baseline);
  for (const std::string& path : options.paths) explainer.answer(path, out.explanations);
  out.conflicts = conflict_errors(policy, explainer.conflicts());
  return out;
}

}  // namespace

Result<ExplainOutcome> explain(const Policy& policy, const System& system,
                               const ExplainOptions& options) {
  return in_a_thread_apart<ExplainOutcome>([&] { return answer_all(policy, system, options); });
}

}  // namespace permward
