// SPDX-License-Identifier: Apache-2.0
//
// Names to demands: one thread's way through a `Machine`. A name down, what is demanded here,
// whether to list. Layer `decide`; pure.
#pragma once

#include "decide/demand.hpp"
#include "decide/machine.hpp"
#include "decide/state.hpp"
#include "decide/state_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace permward {

// What the recursions and globs say of one place: a state for each node of the trie on the way
// there where some begin. What began at different nodes goes on independently, and one state of it
// all would be one of as many as the product of theirs.
using States = std::vector<StatePtr>;

// A place of the tree, to be kept: what a directory carries to whoever opens it.
struct Cursor {
  std::shared_ptr<const States> states;
  NodeId node = no_node;
};

// Two rules that the tree brought to one place, and that cannot hold together there.
struct TreeConflict {
  std::uint32_t rule = 0;
  std::uint32_t other = 0;
  Type type = Type::absent;
  auto operator<=>(const TreeConflict&) const = default;
};

// One thread's way through a machine: the places it has met, and composed demands.
// Names are an enemy's, so all of it has a budget, beyond which it is forgotten and begun anew.
class Steps {
 private:
  struct Info;

 public:
  // Enough for who goes to a few places of a policy, and does not walk its trees.
  static constexpr std::size_t small_budget = std::size_t{1} << 20;

  // `budget`: bytes, about.
  Steps(const Machine& machine, std::size_t budget);
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // A place in hand. Valid until the next `place` or, but for the argument, `step` of this object.
  class Place {
   public:
    [[nodiscard]] NodeId node() const { return node_; }
    // Whether nothing is known of what lies below: `step_to_object` led here.
    [[nodiscard]] bool of_object() const { return of_object_; }

   private:
    friend class Steps;
    Info* info_ = nullptr;
    NodeId node_ = no_node;
    bool of_object_ = false;
  };

  [[nodiscard]] Cursor root();
  [[nodiscard]] Place place(const Cursor& cursor);
  [[nodiscard]] Cursor cursor(Place place) const;

  // One name down. `stopped` becomes true if a recursion or wildcard would have taken the name but
  // stops at the mount point that it is. The node of the result tells whether a literal path goes
  // there.
  [[nodiscard]] Place step(Place from, std::string_view name, bool& stopped);
  // The same to what is no directory, at less cost: most names are of such, and what goes on in a
  // directory is much where there are many globs.
  [[nodiscard]] Place step_to_object(Place from, std::string_view name, bool& stopped);

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
  // Of these the recursions and globs.
  [[nodiscard]] const std::vector<Accept>& wild_accepts(Place place) const;

  // Valid until the next `place`, `step` or `demand` of this object.
  [[nodiscard]] const Demand& demand(Place place, Type type);
  // Of a place that a literal path names, and where nothing is.
  [[nodiscard]] const Demand& demand_absent(NodeId node);

  // What the demands composed so far have shown.
  [[nodiscard]] const std::set<TreeConflict>& conflicts() const { return conflicts_; }

 private:
  using Entry = StateTable::Entry;
  using Entries = std::vector<Entry*>;
  using Accepts = std::vector<Accept>;
  // The demands of what the same targets accept.
  struct Accepted {
    std::array<std::unique_ptr<Demand>, type_count> demands;
  };
  struct Hash {
    std::size_t operator()(std::span<Entry* const> entries) const;
    std::size_t operator()(std::span<const Accept> accepts) const;
  };
  using AcceptedBy = std::unordered_map<Accepts, Accepted, Hash>;
  // A place, as far as recursions and globs go.
  struct Info {
    const Entries* entries = nullptr;        // its key; none of them says nothing
    AcceptedBy::value_type* said = nullptr;  // of the object there
    std::shared_ptr<const States> states;    // once somebody wanted a cursor
    std::array<Info*, 2> only_successors{};  // by `Reach`, where no name is held against anything
    bool tests = false;                      // whether one is
    bool goes_on = false;
  };

  Place advance(Place from, std::string_view name, Reach reach, bool& stopped);
  Info* successor(Info& from, std::string_view name, Reach reach);
  Entry* enter_mount(const Entry& from, const Node& node, bool& stopped);
  Entry* begin(const Node& node);
  Info* info_of(const Entries& entries);
  void forget_but(Info* kept);
  void make_room(Info* kept);
  [[nodiscard]] std::size_t used() const { return used_ + table_.bytes(); }
  [[nodiscard]] bool selected(std::uint32_t target) const;
  void note_conflicts(std::span<const Accept> accepts, Type type);

  const Machine& machine_;
  std::size_t budget_;
  StateTable table_;
  std::size_t used_ = 0;  // beside the table
  std::unordered_map<Entries, Info, Hash> infos_;
  AcceptedBy accepted_;
  Entries scratch_entries_;
  Demand scratch_;
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
// empty: there is no such rule.
[[nodiscard]] std::string nearest_target(const Machine& machine,
                                         const std::vector<std::string>& names);

}  // namespace permward
