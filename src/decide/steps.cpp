// SPDX-License-Identifier: Apache-2.0
#include "decide/steps.hpp"

#include "base/text.hpp"
#include "decide/conflict.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t bytes_of_a_successor = 48;  // an entry of a table, about

}  // namespace

// What a state leads to, in one thread's table.
struct Steps::Info {
  StatePtr state;
  std::shared_ptr<NameMatcher> names;  // what a name is held against; null: nothing
  Info* only_successor = nullptr;      // then
  std::unordered_map<NameMatcher::Set, Info*> successors;  // by what stands for the name
  std::array<std::unique_ptr<Demand>, type_count> demands;
};

Steps::Steps(const Machine& machine, std::size_t budget) : machine_(machine), budget_(budget) {}
Steps::~Steps() = default;

Steps::Info* Steps::find(const State& state, std::size_t hash) const {
  const auto [first, last] = infos_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (*it->second->state == state) return it->second.get();
  }
  return nullptr;
}

Steps::Info* Steps::intern(State&& state) {
  const std::size_t hash = hash_of(state);
  if (Info* const known = find(state, hash)) return known;
  return add(std::make_shared<const State>(std::move(state)), hash);
}

// What is new to this thread is shared with the one that made it.
Steps::Info* Steps::adopt(const StatePtr& state) {
  if (const auto it = by_state_.find(state.get()); it != by_state_.end()) return it->second;
  const std::size_t hash = hash_of(*state);
  Info* const known = find(*state, hash);
  return known != nullptr ? known : add(state, hash);
}

Steps::Info* Steps::add(StatePtr shared, std::size_t hash) {
  const State& state = *shared;
  auto info = std::make_unique<Info>();
  std::vector<const Component*> tests;
  for (const Item& item : state.items) {
    const Rule& rule = machine_.rules().rule(item.target);
    if (item.kind == Item::Kind::recursion) {
      for (const Exclude& exclude : rule.excludes) {
        if (exclude.base_name) tests.push_back(&exclude.tail.front());
      }
    } else if (const Component* component = tested_component(machine_.rules(), item)) {
      tests.push_back(component);
    }
  }
  if (!tests.empty()) info->names = matcher_of(std::move(tests));
  used_ += sizeof(Info) + state.items.size() * sizeof(Item) + state.accepts.size() * sizeof(Accept);
  info->state = std::move(shared);
  Info* const result = info.get();
  infos_.emplace(hash, std::move(info));
  by_state_.emplace(&state, result);
  return result;
}

// States differ in more than in what they hold a name against.
std::shared_ptr<NameMatcher> Steps::matcher_of(std::vector<const Component*> tests) {
  std::sort(tests.begin(), tests.end());
  tests.erase(std::unique(tests.begin(), tests.end()), tests.end());
  const auto [it, first] = matchers_.try_emplace(std::move(tests));
  if (first) {
    it->second = std::make_shared<NameMatcher>(it->first);
    used_ += it->second->bytes() + it->first.size() * sizeof(void*);
  }
  return it->second;
}

// Only what `kept` itself says stays: its successors are gone, and every other place with them.
void Steps::make_room(Info* kept) {
  if (used_ <= budget_) return;
  std::unique_ptr<Info> survivor;
  std::size_t survivor_hash = 0;
  for (auto& [hash, info] : infos_) {
    if (info.get() == kept) {
      survivor = std::move(info);
      survivor_hash = hash;
      break;
    }
  }
  infos_.clear();
  by_state_.clear();
  matchers_.clear();
  used_ = 0;
  if (!survivor) return;
  survivor->successors.clear();
  survivor->only_successor = nullptr;
  if (survivor->names) survivor->names = matcher_of(survivor->names->components());
  used_ = 0;  // what the policy alone makes of it would leave no room, again and again
  by_state_.emplace(survivor->state.get(), survivor.get());
  infos_.emplace(survivor_hash, std::move(survivor));
}

Steps::Info* Steps::successor(Info& from, std::string_view name) {
  if (!from.names) {
    const auto nothing = [](const Component& /*component*/) { return false; };
    if (from.only_successor == nullptr) from.only_successor = build_successor(from, nothing);
    return from.only_successor;
  }
  NameMatcher& names = *from.names;
  const std::size_t before = names.bytes();
  const NameMatcher::Set set = names.match(name);
  used_ += names.bytes() - before;
  Info*& to = from.successors[set];
  if (to == nullptr) {
    used_ += bytes_of_a_successor;
    const auto matched = [&names, set](const Component& component) {
      const auto& all = names.components();
      const auto at = std::lower_bound(all.begin(), all.end(), &component);
      return names.has(set, static_cast<std::size_t>(at - all.begin()));
    };
    to = build_successor(from, matched);
  }
  return to;
}

template <class Matched>
Steps::Info* Steps::build_successor(const Info& from, const Matched& matched) {
  const std::uint32_t depth = from.state->depth == any_depth ? any_depth : from.state->depth + 1;
  StateBuilder builder(machine_.rules(), depth);
  (void)builder.step(*from.state, matched, MountKind::none);  // at no mount anything stops
  return intern(builder.take());
}

Steps::Info* Steps::with_begins(const State& stepped, const Node& node) {
  StateBuilder builder(machine_.rules(), node.depth);
  builder.include(stepped);
  for (const std::uint32_t target : node.begins) builder.begin(target);
  return intern(builder.take());
}

Cursor Steps::root() {
  Place place;
  place.node_ = 0;
  place.info_ = with_begins(State{}, machine_.node(0));
  return cursor(place);
}

Steps::Place Steps::place(const Cursor& cursor) {
  make_room(nullptr);
  Place place;
  place.node_ = cursor.node;
  place.info_ = adopt(cursor.state);
  return place;
}

Cursor Steps::cursor(Place place) const { return {place.info_->state, place.node_}; }

bool Steps::enumerates(Place place) const { return !place.info_->state->items.empty(); }

Steps::Place Steps::step(Place from, std::string_view name, bool& stopped) {
  make_room(from.info_);
  Place to;
  to.node_ = machine_.child(from.node_, name);
  const Node* const node = to.node_ == no_node ? nullptr : &machine_.node(to.node_);
  if (node == nullptr || node->mount == nullptr) {
    to.info_ = successor(*from.info_, name);
  } else {
    const auto matched = [&](const Component& component) { return matches(component, name); };
    StateBuilder builder(machine_.rules(), node->depth);
    stopped = builder.step(*from.info_->state, matched, node->mount->kind);
    to.info_ = intern(builder.take());
  }
  if (node != nullptr && !node->begins.empty()) to.info_ = with_begins(*to.info_->state, *node);
  return to;
}

bool Steps::silent(Place place) const {
  const State& state = *place.info_->state;
  const bool named = place.node_ != no_node &&
                     (machine_.node(place.node_).ruled || machine_.node(place.node_).to_scope);
  return !named && state.items.empty() && state.accepts.empty();
}

const Demand& Steps::demand_absent(NodeId node) {
  const Rules& rules = machine_.rules();
  compose(*rules.policy, rules.targets, machine_.node(node).literals, Type::absent, rules.selected,
          scratch_);
  return scratch_;
}

bool Steps::selected(std::uint32_t target) const {
  const Rules& rules = machine_.rules();
  return rules.selected.empty() || rules.selected[rules.targets[target].rule];
}

std::optional<std::uint32_t> Steps::speaker(Place place) const {
  if (place.node_ != no_node) {
    for (const Accept& accept : machine_.node(place.node_).literals) {
      if (selected(accept.target)) return accept.target;
    }
  }
  for (const Accept& accept : place.info_->state->accepts) {
    if (selected(accept.target)) return accept.target;
  }
  return lister(place);
}

std::optional<std::uint32_t> Steps::lister(Place place) const {
  for (const Item& item : place.info_->state->items) {
    if (selected(item.target)) return item.target;
  }
  return std::nullopt;
}

// Of equal ranks those of the trie come first.
void Steps::gather_accepts(Place place, std::vector<Accept>& out) const {
  out.clear();
  if (place.node_ != no_node) out = machine_.node(place.node_).literals;
  const std::vector<Accept>& wild = place.info_->state->accepts;
  out.insert(out.end(), wild.begin(), wild.end());
  std::stable_sort(out.begin(), out.end(),
                   [](const Accept& a, const Accept& b) { return a.rank > b.rank; });
}

std::vector<Accept> Steps::accepts(Place place) const {
  std::vector<Accept> out;
  gather_accepts(place, out);
  return out;
}

namespace {

std::size_t bytes_of(const Demand& demand) {
  std::size_t out = sizeof(Demand) + demand.decided.size() * sizeof(Decided);
  for (const Choice& choice : demand.choices) {
    out += sizeof(Choice);
    for (const Demand& alternative : choice.alternatives) out += bytes_of(alternative);
  }
  return out;
}

}  // namespace

const Demand& Steps::demand(Place place, Type type) {
  const Rules& rules = machine_.rules();
  const std::vector<Accept>& wild = place.info_->state->accepts;
  const bool literal = place.node_ != no_node && !machine_.node(place.node_).literals.empty();
  if (literal) {
    // Such a place is met once: what is composed for it is not kept.
    gather_accepts(place, scratch_accepts_);
    compose(*rules.policy, rules.targets, scratch_accepts_, type, rules.selected, scratch_);
    note_conflicts(scratch_accepts_, type);
    return scratch_;
  }
  std::unique_ptr<Demand>& known = place.info_->demands[static_cast<std::size_t>(type)];
  if (!known) {
    known = std::make_unique<Demand>();
    compose(*rules.policy, rules.targets, wild, type, rules.selected, *known);
    note_conflicts(wild, type);
    used_ += bytes_of(*known);
  }
  return *known;
}

// What only the tree brings together: a recursion that a glob, or a link that it matches, began on
// the top of another.
void Steps::note_conflicts(std::span<const Accept> accepts, Type type) {
  const Rules& rules = machine_.rules();
  const auto by_glob = [&rules](const Accept& accept) {
    return accept.kind == AcceptKind::recursion &&
           pattern_of(*rules.policy, rules.targets[accept.target]).glob();
  };
  for (std::size_t i = 0; i < accepts.size(); ++i) {
    for (std::size_t j = i + 1; j < accepts.size() && accepts[j].rank == accepts[i].rank; ++j) {
      if (!by_glob(accepts[i]) && !by_glob(accepts[j])) continue;
      TreeConflict found{rules.targets[accepts[i].target].rule,
                         rules.targets[accepts[j].target].rule, type};
      if (found.rule == found.other) continue;
      if (found.rule > found.other) std::swap(found.rule, found.other);
      if (conflicts_.count(found) != 0) continue;
      const Rule& rule = rules.policy->rules[found.rule];
      const Rule& other = rules.policy->rules[found.other];
      if (!may_contradict(rule, other)) continue;
      if (disagreement(*rules.policy, rule, other, type, Meeting::tops)) conflicts_.insert(found);
    }
  }
}

Diagnostics conflict_errors(const Policy& policy, const std::set<TreeConflict>& conflicts) {
  ConflictErrors errors(policy);
  for (const TreeConflict& conflict : conflicts) {
    const Rule& rule = policy.rules[conflict.rule];
    const Rule& other = policy.rules[conflict.other];
    if (!errors.wants(rule, other)) continue;
    const auto found = disagreement(policy, rule, other, conflict.type, Meeting::tops);
    if (found) errors.add(rule, other, *found);
  }
  return errors.take();
}

namespace {

// The first path of a selected rule at `names` or below.
std::optional<std::uint32_t> named_below(const Rules& rules,
                                         const std::vector<std::string>& names) {
  const auto found =
      std::find_if(rules.targets.begin(), rules.targets.end(), [&](const Target& target) {
        const bool selected = rules.selected.empty() || rules.selected[target.rule];
        return selected && target.head.size() >= names.size() &&
               std::equal(names.begin(), names.end(), target.head.begin());
      });
  if (found == rules.targets.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - rules.targets.begin());
}

}  // namespace

bool covered(const Machine& machine, const std::vector<std::string>& names) {
  return covering(machine, names).has_value();
}

std::optional<std::uint32_t> covering(const Machine& machine,
                                      const std::vector<std::string>& names) {
  Steps steps(machine, std::size_t{1} << 20);
  Steps::Place place = steps.place(steps.root());
  bool stopped = false;
  for (const std::string& name : names) place = steps.step(place, name, stopped);
  const auto speaker = steps.speaker(place);
  return speaker ? speaker : named_below(machine.rules(), names);
}

std::string nearest_target(const Machine& machine, const std::vector<std::string>& names) {
  std::string best;
  std::size_t best_common = 0;
  std::size_t best_distance = 0;
  std::string path;
  for (const std::string& name : names) path.append("/").append(name);
  const Rules& rules = machine.rules();
  for (const Target& target : rules.targets) {
    if (!rules.selected.empty() && !rules.selected[target.rule]) continue;
    const auto differ =
        std::mismatch(names.begin(), names.end(), target.head.begin(), target.head.end());
    const auto common = static_cast<std::size_t>(differ.first - names.begin());
    const std::size_t distance = edit_distance(path, target.shown);
    const bool better =
        best.empty() || common > best_common || (common == best_common && distance < best_distance);
    if (!better) continue;
    const Pattern& pattern = pattern_of(*rules.policy, target);
    best = pattern.glob() ? pattern.text : target.shown;
    best_common = common;
    best_distance = distance;
  }
  // Without a directory in common, or nearly the same spelling, it would be no help.
  return best_common > 0 || best_distance <= 2 ? best : "";
}

}  // namespace permward
