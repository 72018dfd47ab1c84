// SPDX-License-Identifier: Apache-2.0
#include "decide/name_matcher.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t bytes_of_a_node = 64;  // of a map, about

}  // namespace

NameMatcher::NameMatcher(std::vector<const Component*> components)
    : components_(std::move(components)) {
  for (std::uint32_t i = 0; i < components_.size(); ++i) add(*components_[i], i);
  std::sort(begin_.begin(), begin_.end());
  begin_.erase(std::unique(begin_.begin(), begin_.end()), begin_.end());
  classify_bytes();
  bytes_ = sizeof(NameMatcher) + positions_.size() * sizeof(Position) +
           byte_sets_.size() * sizeof(std::bitset<256>);
  (void)node_of(begin_);
}

// One behind the other: the position behind a token is the next.
void NameMatcher::add(const Component& component, std::uint32_t index) {
  const auto end = [this, index] { positions_.push_back({Position::Takes::end, 0, 0, index}); };
  if (component.kind == Component::Kind::literal) {
    const auto first = static_cast<std::uint32_t>(positions_.size());
    for (const char c : component.text) {
      positions_.push_back({Position::Takes::byte, static_cast<unsigned char>(c), 0, index});
    }
    end();
    begin_.push_back(first);
    return;
  }
  const auto sets = static_cast<std::uint32_t>(byte_sets_.size());
  byte_sets_.insert(byte_sets_.end(), component.sets.begin(), component.sets.end());
  for (const std::vector<GlobToken>& tokens : component.alternatives) {
    const auto first = static_cast<std::uint32_t>(positions_.size());
    for (const GlobToken& token : tokens) {
      Position position{Position::Takes::byte, token.byte, sets + token.set, index};
      if (token.kind == GlobToken::Kind::any_byte) position.takes = Position::Takes::any_byte;
      if (token.kind == GlobToken::Kind::any_bytes) position.takes = Position::Takes::any_bytes;
      if (token.kind == GlobToken::Kind::set) position.takes = Position::Takes::set;
      positions_.push_back(position);
    }
    end();
    enter(begin_, first);
  }
}

// Bytes that stand alone in some component are a class each; the others are told apart by the sets
// that they are in.
void NameMatcher::classify_bytes() {
  std::bitset<256> alone;
  for (const Position& position : positions_) {
    if (position.takes == Position::Takes::byte) alone.set(position.byte);
  }
  std::map<std::vector<bool>, std::uint16_t> classes;
  for (std::size_t byte = 0; byte < class_of_.size(); ++byte) {
    if (alone.test(byte)) {
      class_of_[byte] = static_cast<std::uint16_t>(classes_++);
      continue;
    }
    std::vector<bool> in;
    in.reserve(byte_sets_.size());
    for (const std::bitset<256>& set : byte_sets_) in.push_back(set.test(byte));
    const auto [it, first] =
        classes.try_emplace(std::move(in), static_cast<std::uint16_t>(classes_));
    if (first) ++classes_;
    class_of_[byte] = it->second;
  }
}

// A `*` may stand for nothing: then what follows it is next at once.
void NameMatcher::enter(Positions& to, std::uint32_t position) const {
  to.push_back(position);
  while (positions_[position].takes == Position::Takes::any_bytes) to.push_back(++position);
}

std::uint32_t NameMatcher::node_of(Positions positions) {
  const auto [it, first] =
      numbers_.try_emplace(std::move(positions), static_cast<std::uint32_t>(nodes_.size()));
  if (!first) return it->second;
  nodes_.push_back({&it->first, std::vector<std::uint32_t>(classes_, unknown), unknown});
  bytes_ += bytes_of_a_node + sizeof(Node) + (it->first.size() + classes_) * sizeof(std::uint32_t);
  return it->second;
}

NameMatcher::Positions NameMatcher::after(const Positions& positions, unsigned char byte) const {
  Positions out;
  for (const std::uint32_t at : positions) {
    const Position& position = positions_[at];
    switch (position.takes) {
      case Position::Takes::byte:
        if (position.byte == byte) enter(out, at + 1);
        break;
      case Position::Takes::set:
        if (byte_sets_[position.set].test(byte)) enter(out, at + 1);
        break;
      case Position::Takes::any_byte:
        enter(out, at + 1);
        break;
      case Position::Takes::any_bytes:
        enter(out, at);
        break;
      case Position::Takes::end:
        break;
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

NameMatcher::Set NameMatcher::match(std::string_view name) {
  std::uint32_t at = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t next = nodes_[at].next[class_of_[byte]];
    if (next == unknown) {
      if (nodes_.size() >= most_nodes) return match_each(name);
      next = node_of(after(*nodes_[at].positions, byte));
      nodes_[at].next[class_of_[byte]] = next;
    }
    at = next;
  }
  return set_at(nodes_[at]);
}

std::vector<const Component*> NameMatcher::standing(Set set) const {
  std::vector<const Component*> out;
  const Bits& bits = *sets_[set];
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
      out.push_back(components_[word * 64 + static_cast<std::size_t>(std::countr_zero(left))]);
    }
  }
  return out;
}

NameMatcher::Set NameMatcher::set_at(Node& node) {
  if (node.set != unknown) return node.set;
  Bits bits((components_.size() + 63) / 64, 0);
  for (const std::uint32_t at : *node.positions) {
    const Position& position = positions_[at];
    if (position.takes != Position::Takes::end) continue;
    bits[position.component / 64] |= std::uint64_t{1} << (position.component % 64);
  }
  node.set = number_of(std::move(bits));
  return node.set;
}

NameMatcher::Set NameMatcher::match_each(std::string_view name) {
  Bits bits((components_.size() + 63) / 64, 0);
  for (std::size_t i = 0; i < components_.size(); ++i) {
    if (matches(*components_[i], name)) bits[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  return number_of(std::move(bits));
}

NameMatcher::Set NameMatcher::number_of(Bits bits) {
  const auto [it, first] =
      set_numbers_.try_emplace(std::move(bits), static_cast<Set>(sets_.size()));
  if (first) {
    sets_.push_back(&it->first);
    bytes_ += bytes_of_a_node + it->first.size() * sizeof(std::uint64_t);
  }
  return it->second;
}

}  // namespace permward
