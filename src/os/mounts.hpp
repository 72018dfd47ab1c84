// SPDX-License-Identifier: Apache-2.0
//
// The mount points of this mount namespace: mountinfo(5). Layer `os`.
#pragma once

#include "base/result.hpp"
#include "model/mount.hpp"
#include "os/kernel.hpp"
#include "os/root.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

// What is mounted now, from the trusted procfs. Known before any call touches a mount point, so
// that no automount is triggered and no dead file server waited for by looking. Errors: `io` where
// it cannot be read or understood.
[[nodiscard]] Result<Mounts> read_mounts(const Kernel& kernel);

// The same of what lies below a root, paths as they are inside it. Errors also: `not_found` (the
// root has been removed), `unsupported` (it lies in a mount namespace whose mounts cannot be
// known), `changed` (it is renamed all the time).
[[nodiscard]] Result<Mounts> read_mounts(const Kernel& kernel, const Root& root);

// The same from the text of a mountinfo file: the mounts that paths lead to, not those that others
// hide. Errors: `invalid`, its subject the line.
[[nodiscard]] Result<Mounts> parse_mounts(std::string_view mountinfo);

// A directory as mountinfo names places: the mount that it lies on, and its path.
struct MountedPlace {
  std::uint64_t mount = 0;
  std::string path;
  bool operator==(const MountedPlace&) const = default;
};
[[nodiscard]] Result<Mounts> parse_mounts_below(std::string_view mountinfo,
                                                const MountedPlace& root);

}  // namespace permward
