// SPDX-License-Identifier: Apache-2.0
//
// A place that a rule speaks of, after links among its directories were followed, and what accepts
// an object. Layer `decide`; values only.
#pragma once

#include "model/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// One path of one rule. Several rules, or several paths of a rule, may come to one place.
struct Target {
  std::uint32_t rule = 0;
  std::uint32_t path = 0;  // index into Rule::paths
  // Resolved names before the first wildcard; of a literal path all of them.
  std::vector<std::string> head;
  std::string shown;  // that head as the policy writes it, "/" for the root
  // Of a link that a glob matched and that the rule follows: the index of the glob's own target.
  // `head` is then where the link leads, and `shown` the path of the link.
  std::optional<std::uint32_t> followed_from;
};

[[nodiscard]] inline const Pattern& pattern_of(const Policy& policy, const Target& target) {
  return policy.rules[target.rule].paths[target.path].pattern;
}

// How a rule came to speak of an object.
enum class AcceptKind : std::uint8_t {
  literal,
  literal_top,  // the top of a literal recursion: its presence, and that it is no symlink
  glob,
  glob_top,   // the top that a recursive glob matched: its presence
  recursion,  // the top of a recursion or what lies below it
};

// Rank: the greater decides. Equal ranks speak together.
struct Accept {
  std::uint64_t rank = 0;
  std::uint32_t target = 0;
  AcceptKind kind = AcceptKind::literal;

  auto operator<=>(const Accept&) const = default;
};

inline constexpr std::uint64_t literal_rank = std::uint64_t{1} << 62;
inline constexpr std::uint64_t glob_rank = std::uint64_t{1} << 61;  // plus the order of the glob

}  // namespace permward
