// SPDX-License-Identifier: Apache-2.0
#include "support/verdicts.hpp"

#include "decide/compare.hpp"
#include "model/mode.hpp"
#include "support/patterns.hpp"

#include <array>
#include <utility>

namespace permward::test {
namespace {

std::vector<std::vector<std::string>> all_names(const Texts& paths) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& path : paths) out.push_back(names_of(path));
  return out;
}

const Demand& demand_for(Walk& walk, std::string_view path, const Observed& observed) {
  return observed.type == Type::absent ? walk.absent(path) : walk.demand(path, observed.type);
}

std::string who(const Policy& policy, const Decided& decided) {
  return policy.rules[decided.rule].id + " " + std::string(name(decided.clause->aspect));
}

}  // namespace

Mount mount(std::string path, MountKind kind) {
  static constexpr std::array<std::string_view, 4> names = {"none", "local", "remote", "pseudo"};
  Mount out;
  out.path = std::move(path);
  out.kind = kind;
  out.filesystem = names[static_cast<std::size_t>(kind)];
  return out;
}

Walk::Walk(const Policy& policy, Mounts mounts, const Texts& scope, std::vector<bool> selected,
           std::size_t budget)
    : mounts_(std::move(mounts)),
      machine_(policy, targets_as_written(policy), mounts_, all_names(scope), std::move(selected)),
      steps_(machine_, budget) {}

Steps::Place Walk::at(std::string_view path) {
  Steps::Place place = steps_.place(steps_.root());
  stopped_ = false;
  for (const std::string& name : names_of(path)) {
    stopped_ = false;
    place = steps_.step(place, name, stopped_);
  }
  return place;
}

bool Walk::stops(std::string_view path) {
  (void)at(path);
  return stopped_;
}

const Demand& Walk::demand(std::string_view path, Type type) {
  return steps_.demand(at(path), type);
}

const Demand& Walk::absent(std::string_view path) {
  const Steps::Place place = at(path);
  if (place.node() == no_node || machine_.node(place.node()).literals.empty()) return none_;
  return steps_.demand_absent(place.node());
}

Texts decided(const Policy& policy, const Demand& demand) {
  Texts out;
  for (const Decided& one : demand.decided) {
    std::string text = who(policy, one);
    if (one.clause->aspect == Aspect::mode) text += " " + mode_text(one.parts);
    out.push_back(std::move(text));
  }
  return out;
}

Texts decided(const Policy& policy, std::string_view path, Type type) {
  Walk walk(policy);
  return decided(policy, type == Type::absent ? walk.absent(path) : walk.demand(path, type));
}

Texts verdicts(const Policy& policy, std::string_view path, const Observed& observed) {
  Walk walk(policy);
  const Demand& demand = demand_for(walk, path, observed);
  Texts out;
  for (const Judged& one : judge_all(policy, demand, observed)) {
    out.push_back(who(policy, *one.decided) + " " + std::string(name(one.status)));
  }
  return out;
}

Texts complaints(const Policy& policy, std::string_view path, const Observed& observed) {
  Walk walk(policy);
  const Demand& demand = demand_for(walk, path, observed);
  const AccountNames names = account_names();
  Texts out;
  for (const Judged& one : judge_all(policy, demand, observed)) {
    if (one.status == Status::pass) continue;
    const Description texts = describe(policy, one, observed, names);
    std::string line = who(policy, *one.decided);
    if (one.status != Status::violation) line += " " + std::string(name(one.status));
    line += ": " + texts.actual + ", expected " + texts.expected;
    if (!texts.message.empty()) line += " (" + texts.message + ")";
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace permward::test
