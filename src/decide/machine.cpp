// SPDX-License-Identifier: Apache-2.0
#include "decide/machine.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace permward {
namespace {

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) names.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return names;
}

// Two globs are the same if they are written the same, once links in their heads are followed.
std::string glob_key(const Target& target, const std::vector<Component>& tail) {
  std::string key;
  for (const std::string& name : target.head) key.append(name).append("/");
  key += '\0';
  for (const Component& component : tail) {
    // `*`, and the name that is written `\*`, are different components of one text.
    key += component.kind == Component::Kind::literal ? '=' : '~';
    key.append(component.text).append("/");
  }
  return key;
}

}  // namespace

Machine::Machine(const Policy& policy, std::vector<Target> targets, const Mounts& mounts,
                 const std::vector<std::vector<std::string>>& scope, std::vector<bool> selected) {
  rules_.policy = &policy;
  rules_.targets = std::move(targets);
  rules_.selected = std::move(selected);
  nodes_.emplace_back();
  order_globs();
  for (std::uint32_t i = 0; i < rules_.targets.size(); ++i) add_target(i);
  add_scope(scope);
  add_mounts(mounts);
  leave_out_pseudo_globs();
}

void Machine::order_globs() {
  std::map<std::string, std::uint32_t> last;
  for (std::uint32_t i = 0; i < rules_.targets.size(); ++i) {
    if (!rules_.tail(i).empty()) last[glob_key(rules_.targets[i], rules_.tail(i))] = i;
  }
  rules_.glob_order.assign(rules_.targets.size(), 0);
  for (std::uint32_t i = 0; i < rules_.targets.size(); ++i) {
    if (!rules_.tail(i).empty()) {
      rules_.glob_order[i] = last[glob_key(rules_.targets[i], rules_.tail(i))];
    }
  }
  for (std::uint32_t i = 0; i < rules_.targets.size(); ++i) {
    if (const auto glob = rules_.targets[i].followed_from) {
      rules_.glob_order[i] = rules_.glob_order[*glob];
    }
  }
}

NodeId Machine::child(NodeId parent, std::string_view name) const {
  if (parent == no_node || nodes_[parent].children.empty()) return no_node;
  const auto it = by_name_.find(Key{parent, name});
  return it == by_name_.end() ? no_node : it->second;
}

NodeId Machine::add_child(NodeId parent, const std::string& name) {
  if (const NodeId known = child(parent, name); known != no_node) return known;
  const auto id = static_cast<NodeId>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.parent = parent;
  node.depth = nodes_[parent].depth + 1;
  nodes_[parent].children.push_back(id);
  by_name_.emplace(Key{parent, node.name}, id);
  return id;
}

NodeId Machine::add(const std::vector<std::string>& names) {
  NodeId at = 0;
  for (const std::string& name : names) at = add_child(at, name);
  return at;
}

void Machine::add_target(std::uint32_t index) {
  const Target& target = rules_.targets[index];
  const Rule& rule = rules_.rule(index);
  const NodeId id = add(target.head);
  Node& node = nodes_[id];
  const bool literal = rules_.tail(index).empty();
  const bool recursive = rule.recurse != not_recursive;
  if (!literal || recursive) node.begins.push_back(index);
  Accept accept{literal_rank, index, recursive ? AcceptKind::literal_top : AcceptKind::literal};
  if (target.followed_from) {
    accept.rank = glob_rank + rules_.glob_order[index];
    accept.kind = recursive ? AcceptKind::glob_top : AcceptKind::glob;
  }
  const auto same = [&](const Accept& other) {
    return rules_.targets[other.target].rule == target.rule && other.kind == accept.kind;
  };
  if (literal && std::none_of(node.literals.begin(), node.literals.end(), same)) {
    node.literals.push_back(accept);
    std::stable_sort(node.literals.begin(), node.literals.end(),
                     [](const Accept& a, const Accept& b) { return a.rank > b.rank; });
  }
  for (NodeId at = id; at != no_node && !nodes_[at].ruled; at = nodes_[at].parent) {
    nodes_[at].ruled = true;
  }
}

void Machine::add_scope(const std::vector<std::vector<std::string>>& scope) {
  restricted_ = !scope.empty();
  for (const std::vector<std::string>& names : scope) {
    const NodeId id = add(names);
    nodes_[id].in_scope = true;
    for (NodeId at = id; at != no_node && !nodes_[at].to_scope; at = nodes_[at].parent) {
      nodes_[at].to_scope = true;
    }
  }
}

void Machine::add_mounts(const Mounts& mounts) {
  for (const Mount& mount : mounts) nodes_[add(names_of(mount.path))].mount = &mount;
}

// What the kernel makes up has no names that a wildcard could be meant for; a literal path, and a
// recursion that begins at one, are somebody's choice.
void Machine::leave_out_pseudo_globs() {
  for (Node& node : nodes_) {
    if (node.begins.empty()) continue;
    const Node* at = &node;
    while (at->mount == nullptr && at->parent != no_node) at = &nodes_[at->parent];
    if (at->mount == nullptr || at->mount->kind != MountKind::pseudo) continue;
    const auto globs =
        std::erase_if(node.begins, [this](std::uint32_t i) { return !rules_.tail(i).empty(); });
    if (globs != 0) not_begun_.push_back(at->mount);
  }
}

}  // namespace permward
