// SPDX-License-Identifier: Apache-2.0
//
// A loaded policy: all its files, as one value. Layer `model`; values only.
// `policy/load.hpp` makes it; names are looked up into `accounts` afterwards.
#pragma once

#include "model/accounts.hpp"
#include "model/aspect.hpp"
#include "model/pattern.hpp"
#include "model/pos.hpp"
#include "model/rule.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

struct PolicyFile {
  std::string path;    // as it was named
  std::string sha256;  // hexadecimal, of its bytes
};

// An accepted deviation.
struct Waiver {
  Component rule;               // on ids
  std::optional<Pattern> path;  // none: every path
  std::optional<AspectSet> aspects;
  std::string reason;
  std::string approved_by;
  std::optional<std::chrono::year_month_day> expires;  // the last day on which it holds, UTC
  Pos pos;
};

struct Policy {
  std::vector<PolicyFile> files;  // in the order in which they were read
  std::string digest;             // SHA-256 over the files' hexadecimal digests, in order
  std::vector<Rule> rules;        // in the order of the files, disabled ones too
  std::vector<Waiver> waivers;
  std::vector<Account> accounts;  // each (kind, text) once
  // Rules there may be, but nobody could read them, or others could have written them.
  bool unknown = false;
};

// How many rules there are, as they are written, of which `which(rule)` is true: one that stands
// there once for each user is one.
template <class Which>
[[nodiscard]] std::uint64_t count_rules(const Policy& policy, const Which& which) {
  std::uint64_t count = 0;
  const Pos* last = nullptr;
  for (const Rule& rule : policy.rules) {
    if (!which(rule) || (last != nullptr && *last == rule.pos)) continue;
    last = &rule.pos;
    ++count;
  }
  return count;
}

}  // namespace permward
