// SPDX-License-Identifier: Apache-2.0
#include "engine/ground.hpp"

#include "engine/apart.hpp"
#include "engine/executor.hpp"
#include "engine/resolve.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "store/refused_inodes.hpp"

#include <utility>

namespace permward {
namespace {

Result<ApplyOutcome> stand_on_ground(const Policy& policy, const System& system, const Hands& hands,
                                     const OnGround& act) {
  TRY_ASSIGN(const Mounts mounts, read_mounts(system.kernel, system.root));
  Observer observer(system.kernel, mounts);
  SafeOpen safe_open(system.kernel, observer, system.root.get());
  Placement placed = place_rules(policy, mounts, safe_open, system.hostname);
  safe_open.rest();
  const Machine machine(policy, std::move(placed.resolution.targets), mounts, {}, {});
  Hands knowing = hands;
  RefusedInodes refused;
  TRY(recall_refusals(knowing, refused));
  ApplyOutcome out = act(Ground{policy, system, mounts, safe_open, machine}, knowing);
  out.found.rules_here = placed.rules_here;
  out.found.verifying = verifying_rules(policy, placed.states);
  return out;
}

}  // namespace

Result<ApplyOutcome> on_ground(const Policy& policy, const System& system, const Hands& hands,
                               const OnGround& act) {
  return in_a_thread_apart<ApplyOutcome>(
      [&] { return stand_on_ground(policy, system, hands, act); });
}

}  // namespace permward
