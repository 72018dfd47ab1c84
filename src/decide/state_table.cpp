// SPDX-License-Identifier: Apache-2.0
#include "decide/state_table.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t bytes_of_a_text = 48;  // of a hash table, about

}  // namespace

const Component* StateTable::first_alike(const Component& component) {
  const auto [it, first] = first_alike_.try_emplace(&component);
  if (first) {
    const std::pair<Component::Kind, std::string_view> key(component.kind, component.text);
    it->second = first_by_text_.try_emplace(key, &component).first->second;
  }
  return it->second;
}

// What a name below the place is held against.
std::vector<const Component*> StateTable::tests_of(const State& state) {
  std::vector<const Component*> tests;
  for (const Item& item : state.items) {
    if (item.kind == Item::Kind::recursion) {
      for (const Exclude& exclude : rules_.rule(item.target).excludes) {
        if (exclude.base_name) tests.push_back(first_alike(exclude.tail.front()));
      }
    } else if (const Component* component = tested_component(rules_, item)) {
      tests.push_back(first_alike(*component));
    }
  }
  std::sort(tests.begin(), tests.end());
  tests.erase(std::unique(tests.begin(), tests.end()), tests.end());
  return tests;
}

StateTable::Entry* StateTable::find(const State& state, std::size_t hash) const {
  const auto [first, last] = entries_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (*it->second->state == state) return it->second.get();
  }
  return nullptr;
}

StateTable::Entry* StateTable::intern(State&& state) {
  const std::size_t hash = hash_of(state);
  if (Entry* const known = find(state, hash)) return known;
  return add(std::make_shared<const State>(std::move(state)), hash);
}

StateTable::Entry* StateTable::adopt(const StatePtr& state) {
  if (const auto it = known_.find(state.get()); it != known_.end()) return it->second.second;
  const std::size_t hash = hash_of(*state);
  Entry* const known = find(*state, hash);
  return known != nullptr ? remember(state, known) : add(state, hash);
}

StateTable::Entry* StateTable::add(StatePtr shared, std::size_t hash) {
  auto entry = std::make_unique<Entry>();
  entry->state = std::move(shared);
  std::vector<const Component*> tests = tests_of(*entry->state);
  if (!tests.empty()) entry->names = matcher_of(std::move(tests));
  bytes_ += sizeof(Entry) + bytes_of_a_text;
  Entry* const result = entry.get();
  entries_.emplace(hash, std::move(entry));
  return remember(result->state, result);
}

StateTable::Entry* StateTable::remember(const StatePtr& state, Entry* entry) {
  known_.emplace(state.get(), std::pair(state, entry));
  bytes_ += bytes_of_a_text + sizeof(State) + state->items.size() * sizeof(Item) +
            state->accepts.size() * sizeof(Accept);
  return entry;
}

// States differ in more than in what they hold a name against.
std::shared_ptr<NameMatcher> StateTable::matcher_of(std::vector<const Component*> tests) {
  const auto [it, first] = matchers_.try_emplace(std::move(tests));
  if (first) {
    it->second = std::make_shared<NameMatcher>(it->first);
    bytes_ += it->second->bytes() + it->first.size() * sizeof(void*);
  }
  return it->second;
}

StateTable::Entry* StateTable::successor(Entry& from, std::string_view name, Reach reach) {
  const auto which = static_cast<std::size_t>(reach);
  if (!from.names) {
    const auto nothing = [](const Component& /*component*/) { return false; };
    Entry*& to = from.only_successors[which];
    if (to == nullptr) to = build(from, nothing, reach);
    return to;
  }
  NameMatcher& names = *from.names;
  const std::size_t before = names.bytes();
  const NameMatcher::Set set = names.match(name);
  bytes_ += names.bytes() - before;
  const auto [it, first] = from.successors.try_emplace(set);
  if (first) bytes_ += bytes_of_a_text;
  Entry*& to = it->second[which];
  if (to == nullptr) {
    const std::vector<const Component*> standing = names.standing(set);
    const auto matched = [this, &standing](const Component& component) {
      return std::binary_search(standing.begin(), standing.end(), first_alike(component));
    };
    to = build(from, matched, reach);
  }
  return to;
}

template <class Matched>
StateTable::Entry* StateTable::build(const Entry& from, const Matched& matched, Reach reach) {
  const std::uint32_t depth = from.state->depth == any_depth ? any_depth : from.state->depth + 1;
  StateBuilder builder(rules_, depth, reach);
  (void)builder.step(*from.state, matched, MountKind::none);  // at no mount anything stops
  return intern(builder.take());
}

void StateTable::forget(std::span<Entry* const> kept) {
  std::vector<std::pair<std::size_t, std::unique_ptr<Entry>>> survivors;
  for (Entry* const entry : kept) {
    const auto [first, last] = entries_.equal_range(hash_of(*entry->state));
    const auto it = std::find_if(
        first, last, [entry](const auto& element) { return element.second.get() == entry; });
    survivors.emplace_back(it->first, std::move(it->second));
  }
  entries_.clear();
  known_.clear();
  matchers_.clear();
  for (auto& [hash, entry] : survivors) {
    entry->successors.clear();
    entry->only_successors = {};
    if (entry->names) entry->names = matcher_of(entry->names->components());
    (void)remember(entry->state, entry.get());
    entries_.emplace(hash, std::move(entry));
  }
  bytes_ = 0;
}

}  // namespace permward
