// SPDX-License-Identifier: Apache-2.0
//
// Reading one object that is held by a descriptor, as far as a demand asks. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "decide/demand.hpp"
#include "engine/beside_paths.hpp"
#include "engine/make_path.hpp"
#include "model/baseline.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"
#include "os/observe.hpp"

#include <atomic>

namespace permward {

// What reading takes: all must outlive it. `stop`, perhaps null, ends what takes long.
struct Reader {
  const Kernel& kernel;
  Observer& observer;
  const std::atomic<bool>* stop = nullptr;
  const Baseline* baseline = nullptr;  // null: nothing was accepted
  const BesidePaths* beside = nullptr;
};

// After the object behind `held` was read for its status, which told its type: whatever else
// `demand`, the one for that type, asks of it. `path` is where it lies, after links. Errors as of
// `Observer`.
[[nodiscard]] Result<void> read_demanded(const Reader& reader, int held, const Demand& demand,
                                         const MakePath& path, Observed& observed);

// The part of it that no `Observer` reads: what takes a pass over entries or content, and what was
// accepted. What cannot be read is `unreadable`.
void read_at_length(const Reader& reader, int held, const Demand& demand, const MakePath& path,
                    Observed& observed);

}  // namespace permward
