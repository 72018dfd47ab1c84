// SPDX-License-Identifier: Apache-2.0
//
// The states that one thread has met, each of them once, and what each leads to: what a name was
// found to lead to is not worked out again. Layer `decide`; pure.
#pragma once

#include "decide/name_matcher.hpp"
#include "decide/state.hpp"
#include "model/pattern.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace permward {

class StateTable {
 public:
  // What a state leads to, by what of it stands for the name: for each `Reach` one.
  struct Entry;
  using Successors = std::array<Entry*, 2>;
  struct Entry {
    StatePtr state;
    std::shared_ptr<NameMatcher> names;  // what a name is held against; null: nothing
    Successors only_successors{};        // then
    std::unordered_map<NameMatcher::Set, Successors> successors;
  };

  explicit StateTable(const Rules& rules) : rules_(rules) {}
  StateTable(const StateTable&) = delete;
  StateTable& operator=(const StateTable&) = delete;

  // Entries stay where they are, and theirs, until `forget`.
  [[nodiscard]] Entry* intern(State&& state);
  // A state that another thread's table has made, perhaps.
  [[nodiscard]] Entry* adopt(const StatePtr& state);

  // One name down, at no mount point. The state of the result may say nothing.
  [[nodiscard]] Entry* successor(Entry& from, std::string_view name, Reach reach);

  // Only `kept` stay, without what they lead to.
  void forget(std::span<Entry* const> kept);

  // What all of it takes, about, but for what the policy alone makes of entries that were kept:
  // else a budget below that would leave no room, again and again.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  Entry* find(const State& state, std::size_t hash) const;
  Entry* add(StatePtr shared, std::size_t hash);
  Entry* remember(const StatePtr& state, Entry* entry);
  const Component* first_alike(const Component& component);
  std::vector<const Component*> tests_of(const State& state);
  std::shared_ptr<NameMatcher> matcher_of(std::vector<const Component*> tests);
  template <class Matched>
  Entry* build(const Entry& from, const Matched& matched, Reach reach);

  const Rules& rules_;
  std::size_t bytes_ = 0;
  std::unordered_multimap<std::size_t, std::unique_ptr<Entry>> entries_;
  // By the object that a state is: there may be several that are equal, of several threads.
  std::unordered_map<const State*, std::pair<StatePtr, Entry*>> known_;
  std::map<std::vector<const Component*>, std::shared_ptr<NameMatcher>> matchers_;
  // Rules are full of the same few components: what is written the same is the same to a name.
  std::map<std::pair<Component::Kind, std::string_view>, const Component*> first_by_text_;
  std::unordered_map<const Component*, const Component*> first_alike_;
};

}  // namespace permward
