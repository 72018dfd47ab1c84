// SPDX-License-Identifier: Apache-2.0
//
// Names to demands. One walk over the union of all rules carries a cursor down, a name at a time, and asks
// at each place what is demanded there; no whole path is ever matched. Literal paths, the tops of
// recursions, mount points and the paths that a run is restricted to are nodes of one trie; recursions and
// globs hang where their literal heads end (`decide/state.hpp`).
// Layer `decide`; pure: names in, demands out.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decide/demand.hpp"
#include "decide/state.hpp"
#include "decide/target.hpp"
#include "model/diagnostic.hpp"
#include "model/mount.hpp"
#include "model/policy.hpp"

namespace permward {

// A node of the trie. Node 0 is the root directory; `no_node` is a place that no literal path names.
using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0xffffffff;

struct Node {
  std::string name;
  NodeId parent = no_node;
  std::uint32_t depth = 0;
  std::vector<NodeId> children;
  std::vector<Accept> literals;       // accepts of rank `literal_rank`
  std::vector<std::uint32_t> begins;  // targets whose recursion or glob begins here
  const Mount* mount = nullptr;       // what is mounted here
  bool ruled = false;     // it or something below it is named by a rule
  bool in_scope = false;  // the run is restricted to this place and what lies below it
  bool to_scope = false;  // such a place lies below it, or it is one
};

// Immutable once compiled; shared by all threads.
class Machine {
 public:
  // `targets` and `mounts` are those of the tree; `mounts` must outlive the machine. `scope`: absolute paths
  // after links; empty: no restriction. `selected` as in `compose`.
  Machine(const Policy& policy, std::vector<Target> targets, const Mounts& mounts,
          const std::vector<std::vector<std::string>>& scope, std::vector<bool> selected);

  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
  // The child of that name, or `no_node`.
  [[nodiscard]] NodeId child(NodeId parent, std::string_view name) const;
  [[nodiscard]] bool restricted() const { return restricted_; }

 private:
  struct Key {
    NodeId parent;
    std::string_view name;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>{}(key.name) ^ (key.parent * std::size_t{0x9e3779b97f4a7c15});
    }
  };

  NodeId add(const std::vector<std::string>& names);
  NodeId add_child(NodeId parent, const std::string& name);
  void add_target(std::uint32_t index);
  void add_mounts(const Mounts& mounts);
  void add_scope(const std::vector<std::vector<std::string>>& scope);
  void order_globs();

  Rules rules_;
  std::deque<Node> nodes_;  // whose names do not move, for the keys of `by_name_`
  std::unordered_map<Key, NodeId, KeyHash> by_name_;
  bool restricted_ = false;
};

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

// One thread's way through a machine: interned states, their successors, and composed demands. Names are an
// enemy's, so all of it has a budget, beyond which it is forgotten and begun anew.
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

  // One name down. `stopped` becomes true if a recursion or wildcard would have taken the name but stops
  // at the mount point that it is. The node of the result tells whether a literal path goes there.
  [[nodiscard]] Place step(Place from, std::string_view name, bool& stopped);

  // Whether all names of the directory matter, or only those of the node's children.
  [[nodiscard]] bool enumerates(Place place) const;

  // Whether nothing is demanded of the place, nor of anything below it.
  [[nodiscard]] bool silent(Place place) const;

  // The target of a selected rule that has something to say of the place or of what lies below it: in whose
  // name it is reported that it could not be looked at. None: nobody asked.
  [[nodiscard]] std::optional<std::uint32_t> speaker(Place place) const;

  // Valid until the next `place`, `step` or `demand` of this object.
  [[nodiscard]] const Demand& demand(Place place, Type type);
  // Of a place that a literal path names, and where nothing is.
  [[nodiscard]] const Demand& demand_absent(NodeId node);

  // What the demands composed so far have shown.
  [[nodiscard]] const std::set<TreeConflict>& conflicts() const { return conflicts_; }

 private:
  [[nodiscard]] Info* find(const State& state, std::size_t hash) const;
  [[nodiscard]] Info* intern(State&& state);
  [[nodiscard]] Info* adopt(const StatePtr& state);
  Info* add(StatePtr shared, std::size_t hash);
  Info* successor(Info& from, std::string_view name);
  void match_tests(const Info& from, std::string_view name);
  Info* with_begins(const State& stepped, const Node& node);
  void make_room(Info* kept);
  void note_conflicts(std::span<const Accept> accepts, Type type);

  const Machine& machine_;
  std::size_t budget_;
  std::size_t used_ = 0;
  std::unordered_multimap<std::size_t, std::unique_ptr<Info>> infos_;
  std::unordered_map<const State*, Info*> by_state_;
  std::vector<std::uint64_t> matched_;  // scratch of `successor`
  Demand scratch_;
  std::vector<Accept> scratch_accepts_;
  std::set<TreeConflict> conflicts_;
};

// Whether a rule speaks of the path, or of something below it, whatever the tree looks like.
[[nodiscard]] bool covered(const Machine& machine, const std::vector<std::string>& names);
// The place that a rule names which is nearest to the path, as the policy writes it; empty: none is near.
[[nodiscard]] std::string nearest_target(const Machine& machine,
                                         const std::vector<std::string>& names);

}  // namespace permward
