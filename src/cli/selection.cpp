// SPDX-License-Identifier: Apache-2.0
#include "cli/selection.hpp"

#include "base/text.hpp"
#include "decide/select.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace permward {
namespace {

bool none(const std::vector<bool>& selected) {
  return std::find(selected.begin(), selected.end(), true) == selected.end();
}

// The nearest tag or id to one that was asked for in vain, as a hint.
std::string selection_hint(const Options& options, const Policy& policy) {
  std::vector<std::string_view> ids;
  std::vector<std::string_view> tags;
  for (const Rule& rule : policy.rules) {
    ids.push_back(rule.id);
    tags.insert(tags.end(), rule.tags.begin(), rule.tags.end());
  }
  const auto hint = [](std::string_view option, std::string_view near) {
    return "did you mean `" + std::string(option) + " " + printable(near) + "`?";
  };
  for (const Component& glob : options.rules) {
    const std::string_view near = nearest(glob.text, ids);
    if (!near.empty()) return hint("--rule", near);
  }
  for (const std::string& tag : options.tags) {
    if (const std::string_view near = nearest(tag, tags); !near.empty()) return hint("--tag", near);
  }
  return "";
}

}  // namespace

bool filtered(const Options& options) {
  return !options.tags.empty() || !options.rules.empty() || options.severity;
}

std::variant<std::vector<bool>, UsageError> selected_rules(const Options& options,
                                                           const Policy& policy) {
  std::vector<bool> out = select_rules(policy, {options.tags, options.rules, options.severity});
  if (!none(out)) return out;
  return UsageError{"--tag, --rule and --severity select no rule", selection_hint(options, policy)};
}

}  // namespace permward
