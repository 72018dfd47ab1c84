// SPDX-License-Identifier: Apache-2.0
#include "engine/restore_order.hpp"

#include "engine/hold.hpp"
#include "engine/resolve.hpp"

#include <string>

namespace permward {
namespace {

bool is_missing(const Ground& ground, const std::string& path) {
  const std::vector<std::string> names = names_of(path);
  const Result<Held> named = hold(ground.system, ground.safe_open, names);
  return !named.ok() && named.error().kind == ErrorKind::not_found;
}

}  // namespace

RestoreOrder in_order(const Ground& ground, const ToRestore& objects,
                      const Destination& destination, bool rehearses) {
  using What = RestoreStep::What;
  const std::vector<SnapshotObject>& all = objects.spooled.objects;
  RestoreOrder out;
  std::vector<RestoreStep> there;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool missing = is_missing(ground, destination.of(all[i]));
    if (missing && all[i].state.type == Type::absent) continue;
    if (missing) out.steps.push_back({i, What::makes});
    if (!missing && !objects.on_the_way[i]) there.push_back({i, What::brings});
    const bool directory = all[i].state.type == Type::directory;
    if (missing && directory && !rehearses) there.push_back({i, What::opens});
    if (directory && (missing || !objects.on_the_way[i])) out.directories.insert(i);
  }
  ground.safe_open.rest();
  out.steps.insert(out.steps.end(), there.rbegin(), there.rend());
  return out;
}

}  // namespace permward
