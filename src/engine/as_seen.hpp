// SPDX-License-Identifier: Apache-2.0
//
// Whether an object, and the directory that it has its name in, still are what they were when it
// was looked at. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/task.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"

namespace permward {

// Kind `changed`: it is to be looked at again.
[[nodiscard]] Error not_as_seen(const Task& task);

// One that is to be made is: what makes it refuses what is there.
[[nodiscard]] bool is_as_seen(Observer& observer, const Task& task);

// For what is done to a name: who may do so there is asked again. Errors: `changed`; those of
// `directory_of`.
[[nodiscard]] Result<WayPtr> directory_as_seen(SafeOpen& safe_open, const Task& task);

// The same as `SafeOpen` knows it: for what is asked again before it has a name.
[[nodiscard]] Result<WayPtr> directory_of_task(SafeOpen& safe_open, const Task& task);

}  // namespace permward
