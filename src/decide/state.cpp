// SPDX-License-Identifier: Apache-2.0
#include "decide/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace permward {

std::size_t hash_of(const State& state) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  };
  mix(state.depth);
  for (const Item& item : state.items) {
    mix(std::uint64_t{item.target} << 2 | static_cast<std::uint64_t>(item.kind));
    mix(std::uint64_t{item.top} << 32 | item.position);
    mix(std::uint64_t{item.exclude} << 32 | item.depth);
  }
  for (const Accept& accept : state.accepts) {
    mix(accept.rank);
    mix(std::uint64_t{accept.target} << 3 | static_cast<std::uint64_t>(accept.kind));
  }
  return hash;
}

bool stops_at(CrossFilesystems cross, MountKind mount) {
  switch (mount) {
    case MountKind::none:
      return false;
    case MountKind::local:
      return cross == CrossFilesystems::no;
    case MountKind::remote:
      return cross != CrossFilesystems::yes;
    case MountKind::pseudo:
      break;
  }
  return true;
}

const Component* tested_component(const Rules& rules, const Item& item) {
  if (item.kind == Item::Kind::recursion) return nullptr;
  const Component& component =
      item.kind == Item::Kind::glob
          ? rules.tail(item.target)[item.position]
          : rules.rule(item.target).excludes[item.exclude].tail[item.position];
  return component.kind == Component::Kind::any_depth ? nullptr : &component;
}

std::vector<Accept> strongest_first(const Rules& rules, std::vector<Accept> accepts) {
  std::sort(accepts.begin(), accepts.end(), [](const Accept& a, const Accept& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.target < b.target;
  });
  std::vector<Accept> distinct;
  for (const Accept& accept : accepts) {
    const std::uint32_t rule = rules.targets[accept.target].rule;
    const auto same = [&](const Accept& other) {
      return other.kind == accept.kind &&
             (accept.kind == AcceptKind::recursion ? rules.targets[other.target].rule == rule
                                                   : other.target == accept.target);
    };
    if (std::none_of(distinct.begin(), distinct.end(), same)) distinct.push_back(accept);
  }
  return distinct;
}

void StateBuilder::begin(std::uint32_t target) {
  const std::vector<Component>& tail = rules_.tail(target);
  if (tail.empty()) {
    begin_recursion(target);
    return;
  }
  Item item;
  item.target = target;
  add_closed(tail, item);
}

// A `**` before something else may stand for nothing: then what follows it is next at once.
void StateBuilder::add_closed(const std::vector<Component>& tail, Item item) {
  if (reach_ == Reach::object) return;
  state_.items.push_back(item);
  while (tail[item.position].kind == Component::Kind::any_depth &&
         item.position + 1 < tail.size()) {
    ++item.position;
    state_.items.push_back(item);
  }
}

void StateBuilder::accept_glob(std::uint32_t target) {
  const std::uint64_t rank = glob_rank + rules_.glob_order[target];
  if (rules_.rule(target).recurse == not_recursive) {
    state_.accepts.push_back({rank, target, AcceptKind::glob});
    return;
  }
  state_.accepts.push_back({rank, target, AcceptKind::glob_top});
  begin_recursion(target);
}

void StateBuilder::begin_recursion(std::uint32_t target) {
  const Rule& rule = rules_.rule(target);
  state_.accepts.push_back({std::uint64_t{depth_} + 1, target, AcceptKind::recursion});
  if (reach_ == Reach::object) return;
  Item item;
  item.kind = Item::Kind::recursion;
  item.target = target;
  item.top = depth_;
  item.depth = rule.recurse;
  state_.items.push_back(item);
  for (std::uint32_t i = 0; i < rule.excludes.size(); ++i) {
    if (rule.excludes[i].base_name) continue;
    Item exclude;
    exclude.kind = Item::Kind::exclude;
    exclude.target = target;
    exclude.top = depth_;
    exclude.exclude = i;
    add_closed(rule.excludes[i].tail, exclude);
  }
}

// A recursion that begins inside itself (`/srv/**/cache`) would add an item a level, as deep as
// somebody cares to make directories. The deeper top decides, and reaches at least as far, so a
// shallower one is idle as soon as their excludes have come to the same.
void StateBuilder::drop_idle() {
  std::vector<Item>& items = state_.items;
  // A step keeps the order, mostly: what is advanced stays behind what it came from.
  if (!std::is_sorted(items.begin(), items.end())) std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  const auto excludes_of = [&items](const Item& recursion) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> standing;
    for (const Item& item : items) {
      const bool its = item.kind == Item::Kind::exclude && item.target == recursion.target &&
                       item.top == recursion.top;
      if (its) standing.emplace_back(item.position, item.exclude);
    }
    return standing;
  };
  // Sorted by kind, target and top: deeper tops of a target come behind.
  std::vector<Item> idle;
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = i + 1; j < items.size(); ++j) {
      const bool deeper = items[i].kind == Item::Kind::recursion &&
                          items[j].kind == Item::Kind::recursion &&
                          items[i].target == items[j].target;
      if (!deeper) break;
      if (excludes_of(items[i]) != excludes_of(items[j])) continue;
      idle.push_back(items[i]);
      break;
    }
  }
  if (idle.empty()) return;
  std::erase_if(items, [&idle](const Item& item) {
    return item.kind != Item::Kind::glob &&
           std::any_of(idle.begin(), idle.end(), [&item](const Item& other) {
             return other.target == item.target && other.top == item.top;
           });
  });
}

bool StateBuilder::depth_matters() const {
  return std::any_of(state_.items.begin(), state_.items.end(), [this](const Item& item) {
    return item.kind == Item::Kind::glob && rules_.rule(item.target).recurse != not_recursive;
  });
}

State StateBuilder::take() {
  drop_idle();
  state_.accepts = strongest_first(rules_, std::move(state_.accepts));
  if (depth_matters()) state_.depth = depth_;
  return std::move(state_);
}

}  // namespace permward
