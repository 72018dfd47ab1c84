// SPDX-License-Identifier: Apache-2.0
//
// Which of many components of patterns stand for a name, at the cost of looking at its bytes once.
// Layer `decide`; pure.
//
// The components together are a nondeterministic automaton over bytes, of which a deterministic one
// is made as far as names lead into it. Names are an enemy's, and some globs have exponentially
// many states (`*a??????`): from `most_nodes` on, a name that leads to a new one is held against
// each component by itself.
#pragma once

#include "model/pattern.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace permward {

class NameMatcher {
 public:
  // A set of components, by a number from 0 on: equal sets have one number.
  using Set = std::uint32_t;
  static constexpr std::size_t most_nodes = 4096;

  // None is an `any_depth`. They must outlive it.
  explicit NameMatcher(std::vector<const Component*> components);
  NameMatcher(const NameMatcher&) = delete;
  NameMatcher& operator=(const NameMatcher&) = delete;

  // Those that stand for the name.
  [[nodiscard]] Set match(std::string_view name);
  // These, in the order of `components()`.
  [[nodiscard]] std::vector<const Component*> standing(Set set) const;

  [[nodiscard]] const std::vector<const Component*>& components() const { return components_; }
  // What it takes by now, about; grows with `match`.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  // A place between the bytes of a component, and what it takes next.
  struct Position {
    enum class Takes : std::uint8_t { byte, any_byte, any_bytes, set, end };
    Takes takes = Takes::end;
    unsigned char byte = 0;
    std::uint32_t set = 0;        // index into `byte_sets_`
    std::uint32_t component = 0;  // of `end`
  };
  using Positions = std::vector<std::uint32_t>;  // sorted, each once
  using Bits = std::vector<std::uint64_t>;       // one a component
  struct Node {
    const Positions* positions = nullptr;
    std::vector<std::uint32_t> next;  // by class of bytes
    Set set = unknown;                // of a name that ends here
  };
  static constexpr std::uint32_t unknown = 0xffffffff;

  void add(const Component& component, std::uint32_t index);
  void classify_bytes();
  void enter(Positions& to, std::uint32_t position) const;
  std::uint32_t node_of(Positions positions);
  [[nodiscard]] Positions after(const Positions& positions, unsigned char byte) const;
  Set set_at(Node& node);
  Set match_each(std::string_view name);
  Set number_of(Bits bits);

  std::vector<const Component*> components_;
  std::vector<Position> positions_;
  std::vector<std::bitset<256>> byte_sets_;
  Positions begin_;
  std::array<std::uint16_t, 256> class_of_{};  // bytes of one class are the same to all components
  std::size_t classes_ = 0;
  std::map<Positions, std::uint32_t> numbers_;  // of nodes
  std::vector<Node> nodes_;                     // the first: nothing of the name has been read
  std::map<Bits, Set> set_numbers_;
  std::vector<const Bits*> sets_;
  std::size_t bytes_ = 0;
};

}  // namespace permward
