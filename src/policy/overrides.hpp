// SPDX-License-Identifier: Apache-2.0
//
// `[[override]]`: keys put in the place of a rule's own, before the rule is made. Layer `policy`;
// pure.
#pragma once

#include "policy/file_reader.hpp"
#include "policy/reading.hpp"
#include "policy/rule_ids.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace permward {

// A rule as overrides leave it.
struct Overridden {
  std::vector<Entry> entries;
  bool disabled = false;
};

// By the index of the rule. Mistakes in the keys of overrides are reported, whether or not the rule
// exists.
[[nodiscard]] std::unordered_map<std::size_t, Overridden> apply_overrides(Reading& reading,
                                                                          const RawPolicy& policy,
                                                                          const RuleIds& ids);

}  // namespace permward
