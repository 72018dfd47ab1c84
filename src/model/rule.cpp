// SPDX-License-Identifier: Apache-2.0
#include "model/rule.hpp"

#include <algorithm>

namespace permward {

std::optional<Severity> severity_named(std::string_view name) {
  for (std::size_t i = 0; i < severity_names.size(); ++i) {
    if (severity_names[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

bool pins(const Clause& clause) {
  const auto* want = std::get_if<ContentWant>(&clause.want);
  return want != nullptr && want->pinned;
}

bool pins(const Rule& rule) {
  return std::any_of(rule.clauses.begin(), rule.clauses.end(),
                     [](const Clause& clause) { return pins(clause); });
}

const Clause* find_clause(const Rule& rule, Aspect aspect) {
  const auto it =
      std::find_if(rule.clauses.begin(), rule.clauses.end(), [aspect](const Clause& clause) {
        return clause.aspect == aspect && clause.alternative == 0;
      });
  return it == rule.clauses.end() ? nullptr : &*it;
}

bool requires_matches(const Rule& rule) {
  const Clause* clause = find_clause(rule, Aspect::presence);
  if (clause == nullptr) return false;
  const auto& want = std::get<PresenceWant>(clause->want);
  return want.presence == Presence::required && !want.silent_for_globs;
}

}  // namespace permward
