// SPDX-License-Identifier: Apache-2.0
//
// The table of aspects: the things that a rule may demand of an object. Parser, comparison, reports
// and the tests of the man page read it; nothing else in the project lists aspects.
// Layer `model`; values only.
#pragma once

#include "model/facet.hpp"
#include "model/type.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace permward {

// In the order of a report.
enum class Aspect : std::uint8_t {
  presence,
  type,
  owner,
  group,
  mode,
  acl,
  default_acl,
  attributes,
  capabilities,
  links,
  entries,
  target,
  content,
  access,
  path,
};
inline constexpr std::size_t aspect_count = 15;

struct AspectRow {
  Aspect aspect;
  std::string_view name;  // in reports, waivers and the JSON member `aspect`
  std::string_view key;   // in a rule; empty: not stated by a key
  TypeSet types;          // the objects that can have it
  FacetSet facets;        // what is read of an object for it, beyond its status
  bool in_this_version;   // false: the key is known and refused
};

inline constexpr TypeSet types_with_mode = TypeSet::all_present().without(Type::symlink);

inline constexpr std::array<AspectRow, aspect_count> aspects = {{
    {Aspect::presence, "presence", "presence", TypeSet::all(), {}, true},
    {Aspect::type, "type", "type", TypeSet::all_present(), {}, true},
    {Aspect::owner, "owner", "owner", TypeSet::all_present(), {}, true},
    {Aspect::group, "group", "group", TypeSet::all_present(), {}, true},
    {Aspect::mode, "mode", "mode", types_with_mode, {}, true},
    {Aspect::acl, "acl", "acl", types_with_mode, Facet::acl, true},
    {Aspect::default_acl, "default_acl", "default_acl", Type::directory,
     FacetSet(Facet::default_acl) | Facet::acl, true},
    {Aspect::attributes, "attributes", "attributes", types_with_mode, Facet::attributes, true},
    {Aspect::capabilities, "capabilities", "capabilities", Type::file, Facet::capabilities, true},
    {Aspect::links,
     "links",
     "max_links",
     TypeSet::all_present().without(Type::directory),
     {},
     true},
    {Aspect::entries, "entries", "entries", Type::directory, Facet::entries, true},
    {Aspect::target, "target", "target", Type::symlink, Facet::target, true},
    {Aspect::content, "content", "content", {Type::file, Type::symlink}, Facet::content, true},
    {Aspect::access, "access", "access", TypeSet::all_present(), {}, false},
    {Aspect::path, "path", "", TypeSet::all(), {}, true},
}};

[[nodiscard]] constexpr const AspectRow& row(Aspect aspect) {
  return aspects[static_cast<std::size_t>(aspect)];
}
[[nodiscard]] constexpr std::string_view name(Aspect aspect) { return row(aspect).name; }
[[nodiscard]] std::optional<Aspect> aspect_named(std::string_view name);

class AspectSet {
 public:
  constexpr AspectSet() = default;
  constexpr AspectSet(Aspect aspect) : bits_(bit(aspect)) {}

  [[nodiscard]] static constexpr AspectSet all() {
    AspectSet set;
    set.bits_ = (1U << aspect_count) - 1;
    return set;
  }
  [[nodiscard]] constexpr bool has(Aspect aspect) const { return (bits_ & bit(aspect)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(AspectSet other) { bits_ |= other.bits_; }
  constexpr bool operator==(const AspectSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Aspect aspect) { return 1U << static_cast<unsigned>(aspect); }
  std::uint32_t bits_ = 0;
};

}  // namespace permward
