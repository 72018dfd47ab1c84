// SPDX-License-Identifier: Apache-2.0
//
// What kind of thing a path names. Layer `model`; values only.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace permward {

// The file types of inode(7), and `absent`: that nothing is there is a state like the others, which
// presence clauses speak of and no other clause does.
enum class Type : std::uint8_t {
  file,
  directory,
  symlink,
  fifo,
  socket,
  character,
  block,
  absent,
};
inline constexpr std::size_t type_count = 8;

// As the policy and the report write them; `absent` last.
inline constexpr std::array<std::string_view, type_count> type_names = {
    "file", "directory", "symlink", "fifo", "socket", "char", "block", "absent"};
[[nodiscard]] constexpr std::string_view name(Type type) {
  return type_names[static_cast<std::size_t>(type)];
}

// The type in the S_IFMT bits of a mode. Bits that no type has (a kernel bug, a file system's) are
// taken for a character device: the type that is never opened.
[[nodiscard]] Type type_of_mode(std::uint32_t mode);

class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr TypeSet(Type type) : bits_(bit(type)) {}
  constexpr TypeSet(std::initializer_list<Type> types) {
    for (const Type type : types) bits_ = static_cast<std::uint8_t>(bits_ | bit(type));
  }

  [[nodiscard]] static constexpr TypeSet all_present() { return from_bits(0x7f); }
  [[nodiscard]] static constexpr TypeSet all() { return from_bits(0xff); }
  [[nodiscard]] constexpr bool has(Type type) const { return (bits_ & bit(type)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr TypeSet operator&(TypeSet o) const { return from_bits(bits_ & o.bits_); }
  [[nodiscard]] constexpr TypeSet operator|(TypeSet o) const { return from_bits(bits_ | o.bits_); }
  [[nodiscard]] constexpr TypeSet without(TypeSet o) const { return from_bits(bits_ & ~o.bits_); }
  constexpr bool operator==(const TypeSet&) const = default;

 private:
  static constexpr std::uint8_t bit(Type type) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(type));
  }
  static constexpr TypeSet from_bits(int bits) {
    TypeSet set;
    set.bits_ = static_cast<std::uint8_t>(bits);
    return set;
  }
  std::uint8_t bits_ = 0;
};

}  // namespace permward
