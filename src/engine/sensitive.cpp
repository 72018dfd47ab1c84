// SPDX-License-Identifier: Apache-2.0
#include "engine/sensitive.hpp"

#include "engine/hold.hpp"
#include "engine/resolve.hpp"

#include <algorithm>
#include <cstddef>

namespace permward {
namespace {

constexpr unsigned may_read = 04;
constexpr unsigned may_search = 01;

// Whether everyone but the owner, who can grant it to himself, has the right.
bool is_granted_to_all(const ObjectState& state, unsigned right) {
  const bool by_mode = (state.mode & right) != 0 && (state.mode & right << 3) != 0;
  // With an ACL the mode shows its mask, which bounds what the entries say.
  return by_mode && std::all_of(state.acl.begin(), state.acl.end(), [&](const AclEntry& entry) {
           return entry.tag == AclTag::user_obj || (entry.permissions & right) != 0;
         });
}

}  // namespace

bool Sensitivity::of(const std::string& was, const std::string& path, const ObjectState& before,
                     const ObjectState& after) {
  if (ground_.policy.unknown) return true;
  const std::optional<bool> there = ruled(was);
  const std::optional<bool> here = ruled(path);
  if (there || here) return there.value_or(false) || here.value_or(false);
  const bool read_by_all =
      is_granted_to_all(before, may_read) && is_granted_to_all(after, may_read);
  return !read_by_all || was_private(was) || is_private(path);
}

std::optional<bool> Sensitivity::ruled(const std::string& path) {
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : names_of(path)) place = steps_.step(place, name, stopped);
  const Rules& rules = ground_.machine.rules();
  for (const Accept& accept : steps_.accepts(place)) {
    if (const auto& said = rules.rule(accept.target).sensitive) return *said;
  }
  return std::nullopt;
}

bool Sensitivity::was_private(std::string_view path) const {
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash != 0;
       slash = path.rfind('/', slash - 1)) {
    const SnapshotObject* const directory = find_object(then_, path.substr(0, slash));
    const bool known = directory != nullptr && directory->state.type == Type::directory;
    if (known && !is_granted_to_all(directory->state, may_search)) return true;
  }
  return false;
}

// Where there is no such directory nobody may read anything in it.
bool Sensitivity::is_private(const std::string& path) {
  const Result<WayPtr> way = directory_of(ground_.safe_open, names_of(path));
  if (!way.ok()) return way.error().kind != ErrorKind::not_found;
  std::vector<std::string> directory;
  const std::vector<std::string> names((*way)->names.begin(), (*way)->names.end());
  if (!searched_by_all(directory)) return true;
  for (const std::string& name : names) {
    directory.push_back(name);
    if (!searched_by_all(directory)) return true;
  }
  return false;
}

bool Sensitivity::searched_by_all(const std::vector<std::string>& directory) {
  const auto [at, first] = searched_by_all_.try_emplace(directory, false);
  if (!first) return at->second;
  const Result<Held> held = hold(ground_.system, ground_.safe_open, directory);
  Observed observed;
  at->second = held.ok() && observer_.of(held->fd.get(), Facet::acl, observed).ok() &&
               observed.acl.state != Read::unreadable &&
               is_granted_to_all(state_of(observed), may_search);
  return at->second;
}

}  // namespace permward
