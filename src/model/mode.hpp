// SPDX-License-Identifier: Apache-2.0
//
// What a rule demands of the twelve permission bits, in one form for all that the language can say.
// Layer `model`; values and pure functions. The text is read by `policy/mode_text.hpp`.
#pragma once

#include "model/type.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace permward {

inline constexpr std::uint16_t all_mode_bits = 07777;
inline constexpr unsigned set_user_id_bit = 04000;
inline constexpr unsigned set_group_id_bit = 02000;
inline constexpr std::uint16_t set_id_bits = set_user_id_bit | set_group_id_bit;
inline constexpr unsigned sticky_bit = 01000;
inline constexpr unsigned all_permissions = 0777;
inline constexpr unsigned group_execute_bit = 010;

// Bits that must be set and bits that must be clear; disjoint.
struct ModeRow {
  std::uint16_t set = 0;
  std::uint16_t clear = 0;
  bool operator==(const ModeRow&) const = default;
};

// The demand on objects of one type. `X` of chmod(1) makes it depend on the execute bits that the
// object has: row `execute_index(mode)` holds for an object of that mode. Everything that does not
// say `X` has eight rows alike.
struct ModeTable {
  std::uint16_t parts = 0;  // the bits that are decided; a decided bit may be free in every row
  std::array<ModeRow, 8> rows{};
  bool operator==(const ModeTable&) const = default;
};

// 0 to 7: the three execute bits, owner's first.
[[nodiscard]] constexpr unsigned execute_index(unsigned mode) {
  return ((mode >> 6) & 1U) << 2 | ((mode >> 3) & 1U) << 1 | (mode & 1U);
}

// The bits of `mode` that break `row`.
[[nodiscard]] constexpr unsigned broken_bits(unsigned mode, ModeRow row) {
  return (~mode & row.set) | (mode & row.clear);
}
[[nodiscard]] constexpr unsigned corrected(unsigned mode, ModeRow row) {
  return (mode | row.set) & ~static_cast<unsigned>(row.clear) & all_mode_bits;
}
// `mode` (0 to 07777) as the table leaves it: applied until nothing changes. Three rounds do, since
// a row can only turn execute bits on that `X` reads, and there are three.
[[nodiscard]] unsigned settled(unsigned mode, const ModeTable& table);

// Both demands at once, `extra` only over `parts`. The bits are not claimed twice: `parts` must not
// meet those of `table` unless both demand the same of them.
void merge(ModeTable& table, const ModeTable& extra, std::uint16_t parts);

struct ModeWant {
  enum class Form : std::uint8_t { exact, bounds, symbolic };

  Form form = Form::exact;
  bool bounded_above = false;  // of bounds: at_most stands in the policy
  bool bounded_below = false;
  std::uint16_t at_most = all_mode_bits;  // exact: the mode; symbolic: unused
  std::uint16_t at_least = 0;
  std::string text;          // symbolic: as written
  ModeTable of_files;        // and of everything else that is no directory
  ModeTable of_directories;  // chmod(1) treats their set-id bits otherwise

  [[nodiscard]] const ModeTable& table(Type type) const {
    return type == Type::directory ? of_directories : of_files;
  }

  [[nodiscard]] static ModeWant exact(std::uint16_t mode);
  [[nodiscard]] static ModeWant bounds(std::uint16_t at_most, bool above, std::uint16_t at_least,
                                       bool below);
};

// Four octal digits.
[[nodiscard]] std::string mode_text(unsigned mode);

// A set of mode bits in the letters of chmod(1): "u:rw g:w o:rwx t"; "all bits", and, of most,
// "all bits but o:w".
[[nodiscard]] std::string mode_bits_text(unsigned bits);

}  // namespace permward
