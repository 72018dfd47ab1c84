// SPDX-License-Identifier: Apache-2.0
#include "engine/hold.hpp"

#include "os/candidate.hpp"
#include "os/directory.hpp"
#include "os/observe.hpp"

#include <utility>

namespace permward {

Result<WayPtr> directory_of(SafeOpen& safe_open, std::span<const std::string> names) {
  TRY_ASSIGN(WayPtr way, safe_open.directory(names.first(names.size() - 1)));
  if (!way->present) return Error{ErrorKind::not_found, "find", path_of(names), 0};
  return way;
}

Result<InodeKey> root_inode(const System& system) {
  Observer observer(system.kernel, Mounts{});
  Observed observed;
  TRY(observer.of(system.root.get(), FacetSet{}, observed));
  return inode_key(observed);
}

void set_directory(Surroundings& around, const WayPtr& way) {
  if (!way) return;
  around.controllers = may_add(way->control);
  around.bars = way->bars;
  around.renames = way->bars.has(Attribute::append_only) && !makes_nameless(way->fd.get());
}

Result<Held> hold(const System& system, SafeOpen& safe_open, std::span<const std::string> names) {
  Held out;
  if (names.empty()) {
    TRY_ASSIGN(out.fd, open_root_directory(system.root.get()));
    return out;
  }
  TRY_ASSIGN(const WayPtr way, directory_of(safe_open, names));
  out.control = way->control;
  TRY_ASSIGN(out.fd, take_hold(system.kernel, way->fd.get(), names.back().c_str()));
  out.way = way;
  return out;
}

Result<void> observe_held(Observer& observer, int held, const WayPtr& way, const std::string& name,
                          FacetSet asked, Observed& out) {
  const bool named = way && way->control == nullptr;
  return named ? observer.of_named(held, way->fd.get(), name.c_str(), asked, out)
               : observer.of(held, asked, out);
}

}  // namespace permward
