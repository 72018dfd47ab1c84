// SPDX-License-Identifier: Apache-2.0
//
// A path or glob of the policy, taken apart. Layer `model`; values and pure functions.
// The text is read by `policy/pattern_text.hpp`; the walk carries patterns down a component at a
// time
// (`decide/machine.hpp`), so that no whole path is ever matched there.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

struct GlobToken {
  enum class Kind : std::uint8_t { byte, any_byte, any_bytes, set };
  Kind kind = Kind::byte;
  unsigned char byte = 0;  // of `byte`
  std::uint16_t set = 0;   // of `set`: index into Component::sets
  bool operator==(const GlobToken&) const = default;
};

// One component of a pattern.
struct Component {
  enum class Kind : std::uint8_t {
    literal,    // `text` is the name
    wild,       // one of `alternatives` matches the name
    any_depth,  // `**`: any number of components, none included
  };
  Kind kind = Kind::literal;
  std::string text;
  std::vector<std::vector<GlobToken>> alternatives;
  std::vector<std::bitset<256>> sets;
};

// True if the component stands for the one name `name` (never of `any_depth`, which stands for any
// number of names). Names are bytes; a leading dot is matched like any other.
[[nodiscard]] bool matches(const Component& component, std::string_view name);

// An absolute pattern: `head` are the names before the first wildcard, `tail` begins with the first
// component that is not literal. Without a tail it is a literal path; `/` has neither.
struct Pattern {
  std::string text;  // as written, variables expanded
  std::vector<std::string> head;
  std::vector<Component> tail;

  [[nodiscard]] bool glob() const { return !tail.empty(); }
};

// The absolute path of the head; "/" for none.
[[nodiscard]] std::string head_path(const Pattern& pattern);

// Whether the pattern stands for the whole absolute path (`/` or without a trailing `/`). Quadratic
// in the worst case: for waivers and tests, not for walks.
[[nodiscard]] bool matches(const Pattern& pattern, std::string_view path);

// The same for a path that is relative to where `tail` begins.
[[nodiscard]] bool matches(const std::vector<Component>& tail, std::string_view relative_path);

}  // namespace permward
