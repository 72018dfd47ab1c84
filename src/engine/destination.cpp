// SPDX-License-Identifier: Apache-2.0
#include "engine/destination.hpp"

#include "engine/resolve.hpp"

namespace permward {

Destination::Destination(const System& system, SafeOpen& safe_open, const std::string& below,
                         bool by_name)
    : system_(system), by_name_(by_name) {
  if (below.empty()) return;
  const auto names = resolve_argument(below + "/", safe_open);
  below_ = names.ok() ? path_of(*names) : below;
}

std::string Destination::of(const SnapshotObject& object) const {
  if (below_.empty() || below_ == "/") return object.path;
  return object.path == "/" ? below_ : below_ + object.path;
}

ObjectState Destination::end_of(const SnapshotObject& object) {
  ObjectState out = object.state;
  if (out.type == Type::absent) return out;
  out.owner = id_of(AccountKind::user, out.owner, object.owner_name);
  out.group = id_of(AccountKind::group, out.group, object.group_name);
  out.acl = without_duplicates(out.acl);
  out.default_acl = without_duplicates(out.default_acl);
  if (out.type == Type::file) out.content = object.digest;
  return out;
}

// By number, unless the name is to count.
std::uint32_t Destination::id_of(AccountKind kind, std::uint32_t id, const std::string& name) {
  if (name.empty()) return id;
  const auto [at, first] = ids_.try_emplace({kind, name}, id);
  if (first) {
    const auto found = system_.names->id_of(kind, name);
    if (found.state == Account::State::found) at->second = found.id;
    if (at->second != id) {
      const std::string who = kind == AccountKind::user ? "the user " : "the group ";
      other_ids_.push_back(who + name + " was " + std::to_string(id) + " and is " +
                           std::to_string(at->second) + " here");
    }
  }
  return by_name_ ? at->second : id;
}

}  // namespace permward
