// SPDX-License-Identifier: Apache-2.0
#include "engine/gone.hpp"

#include "decide/steps.hpp"
#include "engine/judge.hpp"
#include "engine/pinned.hpp"
#include "model/baseline.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace permward {
namespace {

using Names = std::vector<std::string>;

// Where a rule says that the content is pinned.
Pos where_pinned(const Rule& rule) {
  const auto clause = std::find_if(rule.clauses.begin(), rule.clauses.end(),
                                   [](const Clause& one) { return pins(one); });
  return clause == rule.clauses.end() ? rule.pos : clause->pos;
}

std::string a(Type type) { return "a " + std::string(name(type)); }

// The directories that something was met in: they are there.
class Seen {
 public:
  Seen(const std::vector<SnapshotObject>& objects, const std::vector<bool>& met) {
    for (std::size_t i = 0; i < objects.size(); ++i) {
      if (met[i]) add_above(objects[i].path);
    }
  }
  [[nodiscard]] bool has(std::string_view directory) const { return places_.count(directory) != 0; }

 private:
  void add_above(std::string_view path) {
    for (std::size_t slash = path.rfind('/'); slash != 0; slash = path.rfind('/')) {
      path = path.substr(0, slash);
      if (!places_.insert(path).second) return;
    }
  }

  std::unordered_set<std::string_view> places_;
};

// Findings that say all there is to say of an object's content, and stay what they are whatever is
// corrected.
bool concludes(const Finding& finding) {
  return finding.aspect == Aspect::presence || finding.aspect == Aspect::type ||
         finding.aspect == Aspect::content || finding.aspect == Aspect::path;
}

class Search {
 public:
  Search(const Ground& ground, CheckOutcome& found)
      : ground_(ground),
        observer_(ground.system.kernel, ground.mounts),
        steps_(ground.machine, Steps::small_budget),
        found_(found) {
    for (const Finding& finding : found.findings) {
      if (finding.status == Status::pass) continue;
      told_.insert(finding.object().text());
      if (concludes(finding)) concluded_.insert(finding.object().text());
    }
  }

  void look_for(const SnapshotObject& object, bool met);
  // Of each path that pins.
  void look_at_literals();
  void tell_of_baseline(const Baseline& baseline);

  [[nodiscard]] std::vector<Finding> take_findings() { return std::move(gone_); }

 private:
  // The way to a place, and the first mount on it that a pinning recursion stops at.
  struct Way {
    Steps::Place place;
    std::optional<std::uint32_t> target;
    std::size_t stopped_at = 0;  // so many names lead there
  };

  [[nodiscard]] bool in_scope(const Names& names) const;
  [[nodiscard]] bool selected(std::uint32_t target) const;
  [[nodiscard]] const Rules& rules() const { return ground_.machine.rules(); }
  Way way_to(std::span<const std::string> names);
  Result<Type> type_at(std::span<const std::string> names);
  void tell_of_type(std::uint32_t target, const Names& names, Type accepted, Type found);
  void tell_of_mount(std::uint32_t target, std::span<const std::string> names);
  void tell_of_error(std::uint32_t target, std::span<const std::string> names, std::string message);
  void count(std::span<const std::string> names, const std::string& path);
  Finding& add(std::uint32_t target, std::span<const std::string> names);

  const Ground& ground_;
  Observer observer_;
  Steps steps_;
  CheckOutcome& found_;
  std::vector<Finding> gone_;
  std::set<std::string> told_;       // objects that something has been said of
  std::set<std::string> concluded_;  // of these, those whose content needs no further word
};

bool Search::in_scope(const Names& names) const {
  const auto& scope = ground_.scope;
  return scope.empty() || std::any_of(scope.begin(), scope.end(), [&names](const Names& start) {
           return names.size() >= start.size() &&
                  std::equal(start.begin(), start.end(), names.begin());
         });
}

bool Search::selected(std::uint32_t target) const {
  return rules().selected.empty() || rules().selected[rules().targets[target].rule];
}

Search::Way Search::way_to(std::span<const std::string> names) {
  Way out{steps_.place(steps_.root()), std::nullopt, 0};
  for (std::size_t i = 0; i < names.size(); ++i) {
    bool stopped = false;
    const Steps::Place next = steps_.step(out.place, names[i], stopped);
    if (stopped && !out.target) {
      out.target = pinning_recursion(steps_, ground_.machine, out.place, Type::file);
      out.stopped_at = i + 1;
    }
    out.place = next;
  }
  return out;
}

// Whatever has the name; a place behind a link is another one.
Result<Type> Search::type_at(std::span<const std::string> names) {
  if (names.empty()) return Type::directory;
  const std::span<const std::string> above = names.first(names.size() - 1);
  TRY_ASSIGN(const WayPtr way, ground_.safe_open.directory(above));
  const bool same =
      way->present && std::equal(above.begin(), above.end(), way->names.begin(), way->names.end());
  if (!same) return Type::absent;
  Observed observed;
  const auto seen = observer_.by_name(way->fd.get(), names.back().c_str(), FacetSet{}, observed);
  if (!seen.ok() && seen.error().kind == ErrorKind::not_found) return Type::absent;
  if (!seen.ok()) return seen.error();
  return observed.type;
}

// What the walk has counted, and found nothing to say of, is an object that is not compliant.
void Search::count(std::span<const std::string> names, const std::string& path) {
  if (!told_.insert(path).second) return;
  const Result<Type> type = type_at(names);
  const bool counted =
      type.ok() && *type != Type::absent && steps_.demand(way_to(names).place, *type).counted;
  if (counted) {
    --found_.compliant;
  } else {
    ++found_.objects;
  }
}

Finding& Search::add(std::uint32_t target, std::span<const std::string> names) {
  const Target& of = rules().targets[target];
  const std::string path = path_of(names);
  count(names, path);
  concluded_.insert(path);
  Finding& finding = gone_.emplace_back();
  finding.rule = of.rule;
  finding.status = Status::error;
  finding.source = ground_.policy.rules[of.rule].pos;
  std::string shown = shown_path(of, path);
  if (shown != path) finding.resolved = path;
  finding.path = std::move(shown);
  return finding;
}

void Search::tell_of_error(std::uint32_t target, std::span<const std::string> names,
                           std::string message) {
  Finding& finding = add(target, names);
  finding.aspect = Aspect::content;
  finding.source = where_pinned(rules().rule(target));
  finding.expected = "as accepted";
  finding.actual = "unknown";
  finding.message = std::move(message);
}

// In the place of a file or symlink that could be compared lies nothing, or what cannot be.
void Search::tell_of_type(std::uint32_t target, const Names& names, Type accepted, Type found) {
  Finding& finding = add(target, names);
  finding.aspect = Aspect::presence;
  finding.status = Status::violation;
  finding.type = found;
  finding.expected = "present";
  finding.actual = "absent";
  finding.message = a(accepted) + " was accepted";
  if (found != Type::absent) finding.message += ", and " + a(found) + " lies there";
}

void Search::tell_of_mount(std::uint32_t target, std::span<const std::string> names) {
  if (concluded_.count(path_of(names)) != 0) return;
  tell_of_error(target, names, "a mount lies over what was accepted, and is not entered");
}

void Search::look_for(const SnapshotObject& object, bool met) {
  const Names names = names_of(object.path);
  if (names.empty() || !in_scope(names)) return;
  const Way way = way_to(names);
  const Type accepted = object.state.type;
  const bool directory = accepted == Type::directory;
  const auto recursion = pinning_recursion(steps_, ground_.machine, way.place, accepted);
  const Decided* const clause =
      directory ? nullptr : pinning_clause(steps_.demand(way.place, accepted));
  if (!recursion && clause == nullptr) {
    if (way.target && !directory) {
      tell_of_mount(*way.target, std::span(names).first(way.stopped_at));
    }
    return;
  }
  const std::uint32_t target = recursion ? *recursion : clause->target;
  // Then the presence of what lies there is for the rule of that path to say.
  const bool literal =
      way.place.node() != no_node && !ground_.machine.node(way.place.node()).literals.empty();
  const Result<Type> type = type_at(names);
  if (!type.ok()) {
    tell_unseen(add(target, names), type.error());
  } else if (*type == Type::absent) {
    if (recursion && !literal) tell_of_type(target, names, accepted, *type);
  } else if (*type != accepted) {
    if (!met) tell_of_type(target, names, accepted, *type);
  } else if (!directory && !met) {
    tell_of_error(target, names, "it was not there when its directory was looked at");
  }
}

void Search::look_at_literals() {
  const std::vector<Target>& targets = rules().targets;
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    const Names& names = targets[i].head;
    const Rule& rule = rules().rule(i);
    const bool one_object = rules().tail(i).empty() && rule.recurse == not_recursive;
    if (!one_object || names.empty() || !pins(rule) || !selected(i) || !in_scope(names)) continue;
    if (concluded_.count(path_of(names)) != 0) continue;
    if (!pins(steps_.demand(way_to(names).place, Type::file))) continue;
    const Result<Type> type = type_at(names);
    if (!type.ok() || *type == Type::absent || can_be_pinned(*type)) continue;
    tell_of_error(i, names, a(*type) + " has no content that could be accepted");
  }
}

void Search::tell_of_baseline(const Baseline& baseline) {
  std::string message = "nothing was accepted; `permward snapshot create` accepts what there is";
  if (baseline.error() != 0) {
    message =
        std::string("what was accepted could not be read: ") + std::strerror(baseline.error());
  }
  const std::vector<Target>& targets = rules().targets;
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    const Rule& rule = rules().rule(i);
    if (!pins(rule) || !selected(i) || !in_scope(targets[i].head)) continue;
    if (rule.recurse == not_recursive && baseline.error() == 0) continue;
    if (concluded_.count(path_of(targets[i].head)) != 0) continue;
    tell_of_error(i, targets[i].head, message);
  }
}

}  // namespace

std::vector<Finding> find_gone(const Ground& ground, const CheckOptions& options,
                               const std::vector<bool>& met, CheckOutcome& found) {
  const auto& policy_rules = ground.policy.rules;
  if (std::none_of(policy_rules.begin(), policy_rules.end(),
                   [](const Rule& rule) { return pins(rule); })) {
    return {};
  }
  static const Baseline nothing;
  const Baseline& baseline = options.baseline == nullptr ? nothing : *options.baseline;
  const std::vector<SnapshotObject>& objects = baseline.objects();
  Search search(ground, found);
  const Seen seen(objects, met);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const bool directory = objects[i].state.type == Type::directory;
    if (directory ? !seen.has(objects[i].path) : !met[i]) search.look_for(objects[i], met[i]);
  }
  search.look_at_literals();
  const bool compares = options.pinned == nullptr;
  const bool unknown = baseline.error() != 0 || baseline.id().empty();
  if (compares && unknown) search.tell_of_baseline(baseline);
  return search.take_findings();
}

}  // namespace permward
