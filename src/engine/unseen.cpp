// SPDX-License-Identifier: Apache-2.0
#include "engine/unseen.hpp"

#include "model/observation.hpp"

#include <string>
#include <utility>
#include <vector>

namespace permward {

void Unseen::tell(Steps::Place place, bool in_scope, const Error& error, const MakePath& path) {
  if (error.kind != ErrorKind::not_found) {
    if (in_scope) tell_object(place, error, path);
    return tell_below(place.node(), in_scope, &error, path);
  }
  const bool named = place.node() != no_node && !machine_.node(place.node()).literals.empty();
  if (named && in_scope) judge_.examined(steps_.demand_absent(place.node()), Observed{}, path);
  tell_below(place.node(), in_scope, nullptr, path);
}

void Unseen::tell_object(Steps::Place place, const Error& error, const MakePath& path) {
  const auto speaker = steps_.speaker(place);
  if (speaker) judge_.unseen(*speaker, Type::absent, error, path());
}

void Unseen::tell_no_directory(NodeId node, bool in_scope, Type type, const MakePath& path) {
  if (type == Type::directory || node == no_node || machine_.node(node).children.empty()) return;
  if (type != Type::symlink) return tell_below(node, in_scope, nullptr, path);
  // Links among directories were followed before the walk began: this one has come since.
  const Error error{ErrorKind::insecure_path, "follow what has become a link,", path(), 0};
  tell_below(node, in_scope, &error, path);
}

void Unseen::tell_below(NodeId node, bool in_scope, const Error* error, const MakePath& path) {
  if (node == no_node || machine_.node(node).children.empty()) return;
  struct Lost {
    NodeId node;
    bool in_scope;
    std::string path;
  };
  std::vector<Lost> left{{node, in_scope, path()}};
  while (!left.empty()) {
    const Lost at = std::move(left.back());
    left.pop_back();
    for (const NodeId id : machine_.node(at.node).children) {
      const Node& child = machine_.node(id);
      if (!child.ruled && !child.to_scope) continue;
      std::string child_path = (at.path == "/" ? "" : at.path) + "/" + child.name;
      const bool child_in_scope = at.in_scope || child.in_scope;
      if (child_in_scope && !child.literals.empty()) tell_absence_of(id, error, child_path);
      left.push_back({id, child_in_scope, std::move(child_path)});
    }
  }
}

// What need not be there, or must not, was not seen either.
void Unseen::tell_absence_of(NodeId node, const Error* error, const std::string& path) {
  const Demand& demand = steps_.demand_absent(node);
  if (error == nullptr) {
    judge_.examined(demand, Observed{}, [&path] { return path; });
  } else if (!demand.decided.empty()) {
    judge_.unseen(demand.decided.front().target, Type::absent, *error, path);
  }
}

}  // namespace permward
