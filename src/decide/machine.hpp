// SPDX-License-Identifier: Apache-2.0
//
// The policy's places as one trie. One walk over the union of all rules carries a cursor down, a
// name at a time, and asks at each place what is demanded there; no whole path is ever matched.
// Literal paths, the tops of recursions, mount points and the paths that a run is restricted to are
// nodes of one trie; recursions and globs hang where their literal heads end (`decide/state.hpp`).
// Layer `decide`; pure: names in, demands out.
#pragma once

#include "decide/demand.hpp"
#include "decide/state.hpp"
#include "decide/target.hpp"
#include "model/diagnostic.hpp"
#include "model/mount.hpp"
#include "model/policy.hpp"

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

namespace permward {

// A node of the trie. Node 0 is the root directory; `no_node` is a place that no literal path
// names.
using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0xffffffff;

struct Node {
  std::string name;
  NodeId parent = no_node;
  std::uint32_t depth = 0;
  std::vector<NodeId> children;
  // Of the literal paths that name it and of the links that lead to it; strongest rank first.
  std::vector<Accept> literals;
  std::vector<std::uint32_t> begins;  // targets whose recursion or glob begins here
  const Mount* mount = nullptr;       // what is mounted here
  bool ruled = false;                 // it or something below it is named by a rule
  bool in_scope = false;              // the run is restricted to this place and what lies below it
  bool to_scope = false;              // such a place lies below it, or it is one
};

// Immutable once compiled; shared by all threads.
class Machine {
 public:
  // `targets` and `mounts` are those of the tree; `mounts` must outlive the machine. `scope`:
  // absolute paths after links; empty: no restriction. `selected` as in `compose`.
  Machine(const Policy& policy, std::vector<Target> targets, const Mounts& mounts,
          const std::vector<std::vector<std::string>>& scope, std::vector<bool> selected);

  [[nodiscard]] const Rules& rules() const { return rules_; }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[id]; }
  // The child of that name, or `no_node`.
  [[nodiscard]] NodeId child(NodeId parent, std::string_view name) const;
  [[nodiscard]] bool restricted() const { return restricted_; }
  // Pseudo file systems that a glob begins in (`/proc/*/maps`). Such a glob matches nothing.
  [[nodiscard]] const std::vector<const Mount*>& not_begun() const { return not_begun_; }

 private:
  struct Key {
    NodeId parent;
    std::string_view name;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>{}(key.name) ^
             (key.parent * std::size_t{0x9e3779b97f4a7c15});
    }
  };

  NodeId add(const std::vector<std::string>& names);
  NodeId add_child(NodeId parent, const std::string& name);
  void add_target(std::uint32_t index);
  void add_mounts(const Mounts& mounts);
  void leave_out_pseudo_globs();
  void add_scope(const std::vector<std::vector<std::string>>& scope);
  void order_globs();

  Rules rules_;
  std::deque<Node> nodes_;  // whose names do not move, for the keys of `by_name_`
  std::unordered_map<Key, NodeId, KeyHash> by_name_;
  std::vector<const Mount*> not_begun_;
  bool restricted_ = false;
};

}  // namespace permward
