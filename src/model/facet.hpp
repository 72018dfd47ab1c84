// SPDX-License-Identifier: Apache-2.0
//
// What can be seen of an object beyond its status: each costs system calls of its own, and is read
// only where a rule asks for it. Layer `model`; values only.
#pragma once

#include <cstdint>

namespace permward {

enum class Facet : std::uint8_t {
  acl,
  default_acl,
  attributes,
  capabilities,
  target,
  owner_account,  // whether its owner has one
  group_account,
  entries,
  content,
  accepted,  // what a snapshot has of its path
};

class FacetSet {
 public:
  constexpr FacetSet() = default;
  constexpr FacetSet(Facet facet) : bits_(bit(facet)) {}

  [[nodiscard]] constexpr bool has(Facet facet) const { return (bits_ & bit(facet)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool covers(FacetSet other) const { return (other.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr FacetSet operator&(FacetSet other) const {
    other.bits_ &= bits_;
    return other;
  }
  [[nodiscard]] constexpr FacetSet operator|(FacetSet other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const FacetSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Facet facet) { return 1U << static_cast<unsigned>(facet); }
  std::uint32_t bits_ = 0;
};

}  // namespace permward
