// SPDX-License-Identifier: Apache-2.0
//
// The inode flags of chattr(1) that a rule may speak of. Layer `model`; values only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

enum class Attribute : std::uint8_t {
  immutable,
  append_only,
  no_dump,
  no_atime,
  sync,
  dirsync,
  no_cow,
  compressed,
};
inline constexpr std::size_t attribute_count = 8;

// As the policy and the report write them, in the order of the enum.
inline constexpr std::array<std::string_view, attribute_count> attribute_names = {
    "immutable", "append_only", "no_dump", "no_atime", "sync", "dirsync", "no_cow", "compressed"};
// The letters of chattr(1), in the same order.
inline constexpr std::string_view attribute_letters = "iadASDCc";

class AttributeSet {
 public:
  constexpr AttributeSet() = default;
  constexpr AttributeSet(Attribute attribute) : bits_(bit(attribute)) {}
  [[nodiscard]] static constexpr AttributeSet of_bits(unsigned bits) {
    AttributeSet set;
    set.bits_ = static_cast<std::uint8_t>(bits);
    return set;
  }
  [[nodiscard]] static constexpr AttributeSet all() { return of_bits(0xff); }

  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool has(Attribute attribute) const {
    return (bits_ & bit(attribute)) != 0;
  }
  [[nodiscard]] constexpr bool covers(AttributeSet o) const { return (o.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr AttributeSet operator&(AttributeSet o) const {
    return of_bits(bits_ & o.bits_);
  }
  [[nodiscard]] constexpr AttributeSet operator|(AttributeSet o) const {
    return of_bits(bits_ | o.bits_);
  }
  [[nodiscard]] constexpr AttributeSet without(AttributeSet o) const {
    return of_bits(bits_ & ~unsigned{o.bits_});
  }
  constexpr bool operator==(const AttributeSet&) const = default;

 private:
  static constexpr std::uint8_t bit(Attribute attribute) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(attribute));
  }
  std::uint8_t bits_ = 0;
};

// statx(2) shows these of every object, without opening it.
inline constexpr AttributeSet attributes_in_status =
    AttributeSet(Attribute::immutable) | Attribute::append_only;

// "immutable, no_dump"; "none".
[[nodiscard]] std::string attributes_text(AttributeSet attributes);

// `attributes`: those that are to be set, those that are not to be, and the others as they are.
struct AttributesWant {
  AttributeSet set;
  AttributeSet clear;
};

}  // namespace permward
