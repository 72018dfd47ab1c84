// SPDX-License-Identifier: Apache-2.0
#include "engine/pinned.hpp"

#include "engine/resolve.hpp"

#include <algorithm>
#include <vector>

namespace permward {

const Decided* pinning_clause(const Demand& demand) {
  const auto at = std::find_if(demand.decided.begin(), demand.decided.end(),
                               [](const Decided& decided) { return pins(*decided.clause); });
  return at == demand.decided.end() ? nullptr : &*at;
}

bool pins(const Demand& demand) {
  return pinning_clause(demand) != nullptr ||
         std::any_of(demand.choices.begin(), demand.choices.end(), [](const Choice& choice) {
           return std::any_of(choice.alternatives.begin(), choice.alternatives.end(),
                              [](const Demand& one) { return pinning_clause(one) != nullptr; });
         });
}

const Rule* pinning_rule(Steps& steps, const Machine& machine, const std::string& path, Type type) {
  Steps::Place place = steps.place(steps.root());
  bool stopped = false;
  for (const std::string& name : names_of(path)) place = steps.step(place, name, stopped);
  if (type == Type::directory) {
    const auto target = pinning_recursion(steps, machine, place, type);
    return target ? &machine.rules().rule(*target) : nullptr;
  }
  const Decided* const clause = pinning_clause(steps.demand(place, type));
  return clause == nullptr ? nullptr : &machine.rules().policy->rules[clause->rule];
}

std::optional<std::uint32_t> pinning_recursion(Steps& steps, const Machine& machine,
                                               Steps::Place place, Type type) {
  const bool directory = type == Type::directory;
  if (!directory && pinning_clause(steps.demand(place, type)) == nullptr) return std::nullopt;
  for (const Accept& accept : steps.accepts(place)) {
    if (accept.kind != AcceptKind::recursion) continue;
    const Rules& rules = machine.rules();
    if (!rules.selected.empty() && !rules.selected[rules.targets[accept.target].rule]) continue;
    const Rule& rule = rules.rule(accept.target);
    if (pins(rule) && (!directory || rule.selects.has(type))) return accept.target;
  }
  return std::nullopt;
}

}  // namespace permward
