// SPDX-License-Identifier: Apache-2.0
#include "engine/sensitive.hpp"

#include "engine/hold.hpp"
#include "engine/resolve.hpp"

#include <cstddef>

namespace permward {
namespace {

constexpr unsigned read_by_all_bit = 04;
constexpr unsigned searched_by_all_bit = 01;

}  // namespace

bool Sensitivity::of(const std::string& was, const std::string& path, const ObjectState& before,
                     const ObjectState& after) {
  if (ground_.policy.unknown) return true;
  const std::optional<bool> there = ruled(was);
  const std::optional<bool> here = ruled(path);
  if (there || here) return there.value_or(false) || here.value_or(false);
  const bool read_by_all = (before.mode & after.mode & read_by_all_bit) != 0;
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
    if (known && (directory->state.mode & searched_by_all_bit) == 0) return true;
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
  at->second = held.ok() && observer_.of(held->fd.get(), FacetSet{}, observed).ok() &&
               (observed.mode & searched_by_all_bit) != 0;
  return at->second;
}

}  // namespace permward
