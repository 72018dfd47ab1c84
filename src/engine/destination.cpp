// SPDX-License-Identifier: Apache-2.0
#include "engine/destination.hpp"

#include "engine/resolve.hpp"
#include "engine/restore.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <set>

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

void add_private_way(ToRestore& objects) {
  SpooledObjects way;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const SnapshotObject& object : objects.spooled.objects) {
    for (std::size_t slash = object.path.rfind('/'); slash != 0 && slash != std::string::npos;
         slash = object.path.rfind('/', slash - 1)) {
      SnapshotObject directory;
      directory.path = object.path.substr(0, slash);
      directory.state.type = Type::directory;
      directory.state.mode = 0700;
      directory.modified = {std::chrono::floor<std::chrono::seconds>(now).count(), 0};
      way.objects.push_back(std::move(directory));
    }
  }
  const auto by_path = [](const SnapshotObject& a, const SnapshotObject& b) {
    return a.path < b.path;
  };
  std::sort(way.objects.begin(), way.objects.end(), by_path);
  way.objects.erase(std::unique(way.objects.begin(), way.objects.end()), way.objects.end());
  way.contents.assign(way.objects.size(), 0);
  std::set<std::string> asked_for;
  for (std::size_t i = 0; i < objects.on_the_way.size(); ++i) {
    if (!objects.on_the_way[i]) asked_for.insert(objects.spooled.objects[i].path);
  }
  objects.spooled = laid_over(std::move(objects.spooled), std::move(way));
  objects.on_the_way.clear();
  for (const SnapshotObject& object : objects.spooled.objects) {
    objects.on_the_way.push_back(asked_for.count(object.path) == 0);
  }
}

}  // namespace permward
