// SPDX-License-Identifier: Apache-2.0
#include "decide/select.hpp"

#include <algorithm>

namespace permward {
namespace {

bool selects(const RuleFilter& filter, const Rule& rule) {
  const auto has_tag = [&rule](const std::string& tag) {
    return std::find(rule.tags.begin(), rule.tags.end(), tag) != rule.tags.end();
  };
  const auto has_id = [&rule](const Component& id) { return matches(id, rule.id); };
  if (rule.disabled) return false;
  if (filter.at_least && rule.severity < *filter.at_least) return false;
  if (!filter.tags.empty() && std::none_of(filter.tags.begin(), filter.tags.end(), has_tag)) {
    return false;
  }
  return filter.ids.empty() || std::any_of(filter.ids.begin(), filter.ids.end(), has_id);
}

}  // namespace

std::vector<bool> select_rules(const Policy& policy, const RuleFilter& filter) {
  std::vector<bool> out;
  out.reserve(policy.rules.size());
  for (const Rule& rule : policy.rules) out.push_back(selects(filter, rule));
  return out;
}

}  // namespace permward
