// SPDX-License-Identifier: Apache-2.0
//
// What the recursions and globs of a policy have left to say at one place of the tree: the
// nondeterministic automaton of all of them, carried down one name at a time. Literal paths are not
// in it: they are a trie
// (`decide/machine.hpp`). Layer `decide`; pure values.
#pragma once

#include "decide/target.hpp"
#include "model/mount.hpp"
#include "model/policy.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace permward {

// One thing that goes on below a place.
struct Item {
  enum class Kind : std::uint8_t {
    glob,       // the next name is held against component `position` of the target's tail
    recursion,  // everything below, `depth` levels more
    exclude,    // of the recursion with that target and top: as `glob`, in exclude `exclude`
  };
  Kind kind = Kind::glob;
  std::uint32_t target = 0;
  std::uint32_t top = 0;  // of a recursion: the number of names in the path of its top
  std::uint32_t position = 0;
  std::uint32_t exclude = 0;
  std::uint32_t depth = 0;

  auto operator<=>(const Item&) const = default;
};

inline constexpr std::uint32_t any_depth = 0xffffffff;

// What goes on below a place, and what accepts the object there, of some of the policy's targets.
struct State {
  // The number of names in the path of the place, where it matters: a glob that recurses may begin
  // below.
  std::uint32_t depth = any_depth;
  std::vector<Item> items;      // sorted
  std::vector<Accept> accepts;  // of the object at this place, strongest rank first
  [[nodiscard]] bool says_nothing() const { return items.empty() && accepts.empty(); }
  bool operator==(const State&) const = default;
};
using StatePtr = std::shared_ptr<const State>;

[[nodiscard]] std::size_t hash_of(const State& state);

// What is wanted of the state at a place.
enum class Reach : std::uint8_t {
  object,  // what accepts the object there: nothing lies below it
  tree,    // and what goes on below
};

// What is the same for all states of a policy.
struct Rules {
  const Policy* policy = nullptr;
  std::vector<Target> targets;
  // Of each target with a glob: rules of one glob rank where the last of them stands.
  std::vector<std::uint32_t> glob_order;
  std::vector<bool> selected;  // one a rule, or none

  [[nodiscard]] const Rule& rule(std::uint32_t target) const {
    return policy->rules[targets[target].rule];
  }
  // What is left of a target's pattern below its head; of a followed link nothing.
  [[nodiscard]] const std::vector<Component>& tail(std::uint32_t target) const {
    static const std::vector<Component> nothing;
    return targets[target].followed_from ? nothing : pattern_of(*policy, targets[target]).tail;
  }
};

// The accepts of one object, of whatever states: strongest rank first, and of one rule's recursions
// the strongest alone; its globs each want to know what they matched.
[[nodiscard]] std::vector<Accept> strongest_first(const Rules& rules, std::vector<Accept> accepts);

// The component that an item holds the next name against, or null: it takes every name.
[[nodiscard]] const Component* tested_component(const Rules& rules, const Item& item);

// Builds the state at a place. Call `step` or nothing, then `begin` for what begins there, then
// `take`.
class StateBuilder {
 public:
  // `depth` is the number of names in the path of the place; `any_depth` where nothing can begin
  // there.
  StateBuilder(const Rules& rules, std::uint32_t depth, Reach reach = Reach::tree)
      : rules_(rules), depth_(depth), reach_(reach) {}

  // What `above` says of a name below it. `matched` answers for each component that was tested;
  // names that are mount points are entered as `mount` lets each rule. Returns true if something
  // that would have taken the name stopped at the mount.
  template <class Matched>
  bool step(const State& above, const Matched& matched, MountKind mount);

  // The target's recursion or glob begins at this place: its literal head ends here.
  void begin(std::uint32_t target);

  // Sorted, and without what a stronger item of the same rule makes idle.
  [[nodiscard]] State take();

 private:
  enum class Progress : std::uint8_t { fails, goes_on, completes };

  // What becomes of an item that stands before `tail[position]` when it meets a name.
  template <class Matched>
  Progress advance(const std::vector<Component>& tail, Item& item, const Matched& matched) const;
  template <class Matched>
  bool excluded(const State& above, const Item& recursion, const Matched& matched) const;
  template <class Matched>
  void carry_excludes(const State& above, const Item& recursion, const Matched& matched);
  void add_closed(const std::vector<Component>& tail, Item item);
  void accept_glob(std::uint32_t target);
  void begin_recursion(std::uint32_t target);
  void drop_idle();
  [[nodiscard]] bool depth_matters() const;

  const Rules& rules_;
  std::uint32_t depth_;
  Reach reach_;
  State state_;
};

// Whether a recursion, or a `**`, of a rule stops at a mount point of that kind.
[[nodiscard]] bool stops_at(CrossFilesystems cross, MountKind mount);

template <class Matched>
StateBuilder::Progress StateBuilder::advance(const std::vector<Component>& tail, Item& item,
                                             const Matched& matched) const {
  const bool last = item.position + 1 == tail.size();
  const Component& component = tail[item.position];
  if (component.kind == Component::Kind::any_depth) {
    return last ? Progress::completes : Progress::goes_on;  // it stays, whatever the name
  }
  if (!matched(component)) return Progress::fails;
  if (last) return Progress::completes;
  ++item.position;
  return Progress::goes_on;
}

template <class Matched>
bool StateBuilder::excluded(const State& above, const Item& recursion,
                            const Matched& matched) const {
  const std::vector<Exclude>& excludes = rules_.rule(recursion.target).excludes;
  for (const Exclude& exclude : excludes) {
    if (exclude.base_name && matched(exclude.tail.front())) return true;
  }
  for (Item item : above.items) {
    const bool mine = item.kind == Item::Kind::exclude && item.target == recursion.target &&
                      item.top == recursion.top;
    if (mine && advance(excludes[item.exclude].tail, item, matched) == Progress::completes) {
      return true;
    }
  }
  return false;
}

template <class Matched>
void StateBuilder::carry_excludes(const State& above, const Item& recursion,
                                  const Matched& matched) {
  const std::vector<Exclude>& excludes = rules_.rule(recursion.target).excludes;
  for (Item item : above.items) {
    const bool mine = item.kind == Item::Kind::exclude && item.target == recursion.target &&
                      item.top == recursion.top;
    if (!mine) continue;
    const std::vector<Component>& tail = excludes[item.exclude].tail;
    if (advance(tail, item, matched) == Progress::goes_on) add_closed(tail, item);
  }
}

template <class Matched>
bool StateBuilder::step(const State& above, const Matched& matched, MountKind mount) {
  bool stopped = false;
  if (reach_ == Reach::tree) state_.items.reserve(above.items.size());
  for (Item item : above.items) {
    const CrossFilesystems cross = rules_.rule(item.target).cross_filesystems;
    if (item.kind == Item::Kind::recursion) {
      if (excluded(above, item, matched)) continue;
      if (stops_at(cross, mount)) {
        stopped = true;
        continue;
      }
      state_.accepts.push_back({item.top + 1, item.target, AcceptKind::recursion});
      if (item.depth == 1 || reach_ == Reach::object) continue;
      if (item.depth != unlimited_depth) --item.depth;
      state_.items.push_back(item);
      carry_excludes(above, item, matched);
    } else if (item.kind == Item::Kind::glob) {
      const std::vector<Component>& tail = rules_.tail(item.target);
      const bool deep = tail[item.position].kind == Component::Kind::any_depth;
      const Progress progress = advance(tail, item, matched);
      if (progress == Progress::fails) continue;
      if (deep ? stops_at(cross, mount) : mount == MountKind::pseudo) {
        stopped = true;
        continue;
      }
      if (progress == Progress::completes) accept_glob(item.target);
      if (progress == Progress::goes_on || deep) add_closed(tail, item);
    }
  }
  return stopped;
}

}  // namespace permward
