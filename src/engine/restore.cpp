// SPDX-License-Identifier: Apache-2.0
#include "engine/restore.hpp"

#include "engine/ground.hpp"
#include "engine/restoration.hpp"

namespace permward {

ApplyOutcome restore_on(const Ground& ground, const ToRestore& objects,
                        const RestoreOptions& options, const Hands& hands) {
  ApplyOutcome out;
  Restoration(ground, objects, options, hands, out).put_back();
  return out;
}

Result<ApplyOutcome> restore(const Policy& policy, const System& system, const ToRestore& objects,
                             const RestoreOptions& options, const Hands& hands) {
  return on_ground(policy, system, hands, [&](const Ground& ground, const Hands& knowing) {
    return restore_on(ground, objects, options, knowing);
  });
}

}  // namespace permward
