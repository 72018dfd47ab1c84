// SPDX-License-Identifier: Apache-2.0
#include "decide/steps.hpp"

#include "base/text.hpp"
#include "decide/conflict.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t bytes_of_an_entry = 64;  // of a hash table, about

std::size_t mixed(std::size_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

}  // namespace

std::size_t Steps::Hash::operator()(std::span<Entry* const> entries) const {
  std::size_t hash = entries.size();
  for (const Entry* const entry : entries) {
    hash = mixed(hash, reinterpret_cast<std::uintptr_t>(entry));
  }
  return hash;
}

std::size_t Steps::Hash::operator()(std::span<const Accept> accepts) const {
  std::size_t hash = accepts.size();
  for (const Accept& accept : accepts) {
    hash = mixed(hash, accept.rank);
    hash = mixed(hash, std::uint64_t{accept.target} << 3 | static_cast<std::uint64_t>(accept.kind));
  }
  return hash;
}

Steps::Steps(const Machine& machine, std::size_t budget)
    : machine_(machine), budget_(budget), table_(machine.rules()) {}

Steps::Info* Steps::info_of(const Entries& entries) {
  const auto [it, first] = infos_.try_emplace(entries);
  Info& info = it->second;
  if (!first) return &info;
  info.entries = &it->first;
  Accepts accepts;
  for (const Entry* const entry : entries) {
    accepts.insert(accepts.end(), entry->state->accepts.begin(), entry->state->accepts.end());
    info.tests = info.tests || entry->names != nullptr;
    info.goes_on = info.goes_on || !entry->state->items.empty();
  }
  accepts = strongest_first(machine_.rules(), std::move(accepts));
  used_ += sizeof(Info) + 2 * bytes_of_an_entry;  // with `states`, which it may get
  used_ += entries.size() * (sizeof(Entry*) + sizeof(StatePtr));
  const auto [said, new_said] = accepted_.try_emplace(std::move(accepts));
  if (new_said) {
    used_ += sizeof(Accepted) + bytes_of_an_entry + said->first.size() * sizeof(Accept);
  }
  info.said = &*said;
  return &info;
}

// Only what `kept` itself says stays: its successors are gone, and every other place with them.
void Steps::forget_but(Info* kept) {
  if (kept == nullptr) {
    infos_.clear();
    accepted_.clear();
    table_.forget({});
  } else {
    auto info = infos_.extract(infos_.find(*kept->entries));
    auto said = accepted_.extract(accepted_.find(kept->said->first));
    infos_.clear();
    accepted_.clear();
    kept->only_successors = {};
    table_.forget(*kept->entries);
    infos_.insert(std::move(info));
    accepted_.insert(std::move(said));
  }
  used_ = 0;
}

void Steps::make_room(Info* kept) {
  if (used() > budget_) forget_but(kept);
}

Cursor Steps::root() {
  Place place;
  place.node_ = 0;
  scratch_entries_.clear();
  Entry* const begun = begin(machine_.node(0));
  if (!begun->state->says_nothing()) scratch_entries_.push_back(begun);
  place.info_ = info_of(scratch_entries_);
  return cursor(place);
}

Steps::Place Steps::place(const Cursor& cursor) {
  make_room(nullptr);
  Place place;
  place.node_ = cursor.node;
  scratch_entries_.clear();
  for (const StatePtr& state : *cursor.states) scratch_entries_.push_back(table_.adopt(state));
  place.info_ = info_of(scratch_entries_);
  return place;
}

Cursor Steps::cursor(Place place) const {
  Info& info = *place.info_;
  if (!info.states) {
    States states;
    states.reserve(info.entries->size());
    for (const Entry* const entry : *info.entries) states.push_back(entry->state);
    info.states = std::make_shared<const States>(std::move(states));
  }
  return {info.states, place.node_};
}

bool Steps::enumerates(Place place) const { return place.info_->goes_on; }

Steps::Entry* Steps::begin(const Node& node) {
  StateBuilder builder(machine_.rules(), node.depth);
  for (const std::uint32_t target : node.begins) builder.begin(target);
  return table_.intern(builder.take());
}

Steps::Entry* Steps::enter_mount(const Entry& from, const Node& node, bool& stopped) {
  const auto matched = [&](const Component& component) { return matches(component, node.name); };
  StateBuilder builder(machine_.rules(), node.depth);
  if (builder.step(*from.state, matched, node.mount->kind)) stopped = true;
  return table_.intern(builder.take());
}

Steps::Place Steps::step(Place from, std::string_view name, bool& stopped) {
  return advance(from, name, Reach::tree, stopped);
}

Steps::Place Steps::step_to_object(Place from, std::string_view name, bool& stopped) {
  return advance(from, name, Reach::object, stopped);
}

Steps::Place Steps::advance(Place from, std::string_view name, Reach reach, bool& stopped) {
  make_room(from.info_);
  Place to;
  to.of_object_ = reach == Reach::object;
  to.node_ = machine_.child(from.node_, name);
  const Node* const node = to.node_ == no_node ? nullptr : &machine_.node(to.node_);
  if (node == nullptr || (node->mount == nullptr && node->begins.empty())) {
    to.info_ = successor(*from.info_, name, reach);
    return to;
  }
  scratch_entries_.clear();
  const auto add = [this](Entry* entry) {
    if (!entry->state->says_nothing()) scratch_entries_.push_back(entry);
  };
  for (Entry* const entry : *from.info_->entries) {
    add(node->mount != nullptr ? enter_mount(*entry, *node, stopped)
                               : table_.successor(*entry, name, reach));
  }
  if (!node->begins.empty()) add(begin(*node));
  to.info_ = info_of(scratch_entries_);
  return to;
}

Steps::Info* Steps::successor(Info& from, std::string_view name, Reach reach) {
  Info*& only = from.only_successors[static_cast<std::size_t>(reach)];
  if (!from.tests && only != nullptr) return only;
  scratch_entries_.clear();
  for (Entry* const entry : *from.entries) {
    Entry* const to = table_.successor(*entry, name, reach);
    if (!to->state->says_nothing()) scratch_entries_.push_back(to);
  }
  Info* const to = info_of(scratch_entries_);
  if (!from.tests) only = to;
  return to;
}

bool Steps::silent(Place place) const {
  const bool named = place.node_ != no_node &&
                     (machine_.node(place.node_).ruled || machine_.node(place.node_).to_scope);
  return !named && place.info_->entries->empty();
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
  for (const Accept& accept : wild_accepts(place)) {
    if (selected(accept.target)) return accept.target;
  }
  return lister(place);
}

std::optional<std::uint32_t> Steps::lister(Place place) const {
  const Item* first = nullptr;
  for (const Entry* const entry : *place.info_->entries) {
    const std::vector<Item>& items = entry->state->items;
    const auto asks = std::find_if(items.begin(), items.end(),
                                   [this](const Item& item) { return selected(item.target); });
    if (asks != items.end() && (first == nullptr || *asks < *first)) first = &*asks;
  }
  if (first == nullptr) return std::nullopt;
  return first->target;
}

const std::vector<Accept>& Steps::wild_accepts(Place place) const {
  return place.info_->said->first;
}

// Of equal ranks those of the trie come first.
std::vector<Accept> Steps::accepts(Place place) const {
  Accepts out;
  if (place.node_ != no_node) out = machine_.node(place.node_).literals;
  const Accepts& wild = wild_accepts(place);
  out.insert(out.end(), wild.begin(), wild.end());
  std::stable_sort(out.begin(), out.end(),
                   [](const Accept& a, const Accept& b) { return a.rank > b.rank; });
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
  const bool literal = place.node_ != no_node && !machine_.node(place.node_).literals.empty();
  if (literal) {
    // Such a place is met once: what is composed for it is not kept.
    const Accepts all = accepts(place);
    compose(*rules.policy, rules.targets, all, type, rules.selected, scratch_);
    note_conflicts(all, type);
    return scratch_;
  }
  auto& [wild, said] = *place.info_->said;
  std::unique_ptr<Demand>& known = said.demands[static_cast<std::size_t>(type)];
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

namespace {

std::size_t in_common(const std::vector<std::string>& names, std::span<const std::string> others) {
  const auto differ = std::mismatch(names.begin(), names.end(), others.begin(), others.end());
  return static_cast<std::size_t>(differ.first - names.begin());
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t at = 1; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    out.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

}  // namespace

// By what it has in common as the policy writes it, too: the link on the way may be what was asked
// for.
std::string nearest_target(const Machine& machine, const std::vector<std::string>& names) {
  std::string best;
  std::size_t best_common = 0;
  std::size_t best_distance = 0;
  std::string path;
  for (const std::string& name : names) path.append("/").append(name);
  const Rules& rules = machine.rules();
  for (const Target& target : rules.targets) {
    if (!rules.selected.empty() && !rules.selected[target.rule]) continue;
    const std::size_t common =
        std::max(in_common(names, target.head), in_common(names, names_in(target.shown)));
    const std::size_t distance = edit_distance(path, target.shown);
    const bool better =
        best.empty() || common > best_common || (common == best_common && distance < best_distance);
    if (!better) continue;
    const Pattern& pattern = pattern_of(*rules.policy, target);
    best = pattern.glob() ? pattern.text : target.shown;
    best_common = common;
    best_distance = distance;
  }
  return best;
}

}  // namespace permward
