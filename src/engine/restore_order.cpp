// SPDX-License-Identifier: Apache-2.0
#include "engine/restore_order.hpp"

#include "decide/lifted.hpp"
#include "decide/wanted.hpp"
#include "engine/hold.hpp"
#include "engine/resolve.hpp"

#include <string>

namespace permward {
namespace {

struct Found {
  bool missing = false;
  AttributeSet bars;
};

Found look_for(const Ground& ground, const std::string& path) {
  const std::vector<std::string> names = names_of(path);
  const Result<Held> named = hold(ground.system, ground.safe_open, names);
  if (!named.ok()) return {named.error().kind == ErrorKind::not_found, {}};
  Observer observer(ground.system.kernel, Mounts{});
  Observed observed;
  if (!observer.of(named->fd.get(), FacetSet{}, observed).ok()) return {};
  return {false, bars_of(state_of(observed))};
}

}  // namespace

RestoreOrder in_order(const Ground& ground, const ToRestore& objects,
                      const Destination& destination, bool rehearses) {
  using What = RestoreStep::What;
  const std::vector<SnapshotObject>& all = objects.spooled.objects;
  RestoreOrder out;
  std::vector<RestoreStep> made;
  std::vector<RestoreStep> there;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Found found = look_for(ground, destination.of(all[i]));
    const bool missing = found.missing;
    if (missing && all[i].state.type == Type::absent) continue;
    const bool lifts = !objects.on_the_way[i] && !found.bars.without(bars_of(all[i].state)).empty();
    if (lifts) out.steps.push_back({i, What::lifts});
    if (missing) made.push_back({i, What::makes});
    if (!missing && !objects.on_the_way[i]) there.push_back({i, What::brings});
    const bool directory = all[i].state.type == Type::directory;
    if (missing && directory && !rehearses) there.push_back({i, What::opens});
    if (directory && (missing || !objects.on_the_way[i])) out.directories.insert(i);
  }
  ground.safe_open.rest();
  out.steps.insert(out.steps.end(), made.begin(), made.end());
  out.steps.insert(out.steps.end(), there.rbegin(), there.rend());
  return out;
}

}  // namespace permward
