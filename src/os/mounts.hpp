// SPDX-License-Identifier: Apache-2.0
//
// The mount points of this mount namespace: mountinfo(5). Layer `os`.
#pragma once

#include "base/result.hpp"
#include "model/mount.hpp"
#include "os/kernel.hpp"

#include <string_view>

namespace permward {

// What is mounted now, from the trusted procfs. Known before any call touches a mount point, so
// that no automount is triggered and no dead file server waited for by looking. Errors: `io` where
// it cannot be read or understood.
[[nodiscard]] Result<Mounts> read_mounts(const Kernel& kernel);

// The same from the text of a mountinfo file: the mounts that paths lead to, not those that others
// hide. Errors: `invalid`, its subject the line.
[[nodiscard]] Result<Mounts> parse_mounts(std::string_view mountinfo);

}  // namespace permward
