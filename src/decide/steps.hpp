// SPDX-License-Identifier: Apache-2.0
//
// Names to demands: one thread's way through a `Machine`. A name down, what is demanded here,
// whether to list. Layer `decide`; pure.
#pragma once

#include "decide/demand.hpp"
#include "decide/machine.hpp"
#include "decide/name_matcher.hpp"
#include "decide/state.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace permward {

// A place of the tree, to be kept: what a directory carries to whoever opens it.
struct Cursor {
  StatePtr state;
  NodeId node = no_node;
};

// Two rules that the tree brought to one place, and that cannot hold together there.
struct TreeConflict {
  std::uint32_t rule = 0;
  std::uint32_t other = 0;
  Type type = Type::absent;
  auto operator<=>(const TreeConflict&) const = default;
};

// One thread's way through a machine: interned states, their successors, and composed demands.
// Names are an enemy's, so all of it has a budget, beyond which it is forgotten and begun anew.
class Steps {
 private:
  struct Info;

 public:
  // `budget`: bytes, about.
  Steps(const Machine& machine, std::size_t budget);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // A place in hand. Valid until the next `place` or, but for the argument, `step` of this object.
  class Place {
   public:
    [[nodiscard]] NodeId node() const { return node_; }

   private:
    friend class Steps;
    Info* info_ = nullptr;
    NodeId node_ = no_node;
  };

  [[nodiscard]] Cursor root();
  [[nodiscard]] Place place(const Cursor& cursor);
  [[nodiscard]] Cursor cursor(Place place) const;

  // One name down. `stopped` becomes true if a recursion or wildcard would have taken the name but
  // stops at the mount point that it is. The node of the result tells whether a literal path goes
  // there.
  [[nodiscard]] Place step(Place from, std::string_view name, bool& stopped);

  // Whether all names of the directory matter, or only those of the node's children.
  [[nodiscard]] bool enumerates(Place place) const;

  // Whether nothing is demanded of the place, nor of anything below it.
  [[nodiscard]] bool silent(Place place) const;

  // The target of a selected rule that has something to say of the place or of what lies below it:
  // in whose name it is reported that it could not be looked at. None: nobody asked.
  [[nodiscard]] std::optional<std::uint32_t> speaker(Place place) const;
  // The same of a place whose entries could not be had: a recursion or glob that wanted them.
  [[nodiscard]] std::optional<std::uint32_t> lister(Place place) const;

  // All that accept the place, strongest first.
  [[nodiscard]] std::vector<Accept> accepts(Place place) const;

  // Valid until the next `place`, `step` or `demand` of this object.
  [[nodiscard]] const Demand& demand(Place place, Type type);
  // Of a place that a literal path names, and where nothing is.
  [[nodiscard]] const Demand& demand_absent(NodeId node);

  // What the demands composed so far have shown.
  [[nodiscard]] const std::set<TreeConflict>& conflicts() const { return conflicts_; }

 private:
  [[nodiscard]] bool selected(std::uint32_t target) const;
  [[nodiscard]] Info* find(const State& state, std::size_t hash) const;
  [[nodiscard]] Info* intern(State&& state);
  [[nodiscard]] Info* adopt(const StatePtr& state);
  Info* add(StatePtr shared, std::size_t hash);
  std::shared_ptr<NameMatcher> matcher_of(std::vector<const Component*> tests);
  Info* successor(Info& from, std::string_view name);
  template <class Matched>
  Info* build_successor(const Info& from, const Matched& matched);
  Info* with_begins(const State& stepped, const Node& node);
  void make_room(Info* kept);
  void gather_accepts(Place place, std::vector<Accept>& out) const;
  void note_conflicts(std::span<const Accept> accepts, Type type);

  const Machine& machine_;
  std::size_t budget_;
  std::size_t used_ = 0;
  std::unordered_multimap<std::size_t, std::unique_ptr<Info>> infos_;
  std::unordered_map<const State*, Info*> by_state_;
  std::map<std::vector<const Component*>, std::shared_ptr<NameMatcher>> matchers_;
  Demand scratch_;
  std::vector<Accept> scratch_accepts_;
  std::set<TreeConflict> conflicts_;
};

// The errors for rules that the tree brought together: one a pair of rules.
[[nodiscard]] Diagnostics conflict_errors(const Policy& policy,
                                          const std::set<TreeConflict>& conflicts);

// Whether a selected rule speaks of the path, or of something below it, whatever the tree looks
// like.
[[nodiscard]] bool covered(const Machine& machine, const std::vector<std::string>& names);
// The target by which it does: where there are several, of the strongest that speaks of the path.
[[nodiscard]] std::optional<std::uint32_t> covering(const Machine& machine,
                                                    const std::vector<std::string>& names);
// The place that a selected rule names which is nearest to the path, as the policy writes it;
// empty: none is near.
[[nodiscard]] std::string nearest_target(const Machine& machine,
                                         const std::vector<std::string>& names);

}  // namespace permward
