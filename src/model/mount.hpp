// SPDX-License-Identifier: Apache-2.0
//
// Mount points as values. Layer `model`. `os/mounts.hpp` reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

enum class MountKind : std::uint8_t {
  none,    // not a mount point
  local,   // disk file systems and tmpfs
  remote,  // network file systems, FUSE, overlay, autofs: entered only where a rule says `true`
  pseudo,  // procfs and its like: no recursion and no wildcard enters them
};

struct Mount {
  std::uint64_t id = 0;    // statx(2)'s stx_mnt_id
  std::string path;        // absolute bytes, "/" for the root
  std::string filesystem;  // the type as mountinfo(5) names it
  MountKind kind = MountKind::local;
  // Rights of another kind (NFSv4, CIFS, FUSE without default_permissions): nothing about a POSIX
  // ACL can be verified there.
  bool foreign_rights = false;
  bool id_mapped = false;  // mount_setattr(2): ids of the file system may have none here
};

// One entry a mount point, the mount that is on top there; sorted by path.
using Mounts = std::vector<Mount>;

}  // namespace permward
