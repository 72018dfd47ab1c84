// SPDX-License-Identifier: Apache-2.0
//
// The attributes of chattr(1) as the kernel numbers them. Layer `os`; one table for who reads them
// and who sets them.
#pragma once

#include "model/attributes.hpp"

#include <array>
#include <cstdint>
#include <linux/fs.h>
#include <sys/stat.h>

namespace permward {

struct AttributeBits {
  Attribute attribute;
  std::uint64_t in_status;  // STATX_ATTR_* of statx(2); 0: it is not in the status
  unsigned flag;            // FS_*_FL of ioctl_iflags(2)
};
inline constexpr std::array<AttributeBits, attribute_count> attribute_bits = {{
    {Attribute::immutable, STATX_ATTR_IMMUTABLE, FS_IMMUTABLE_FL},
    {Attribute::append_only, STATX_ATTR_APPEND, FS_APPEND_FL},
    {Attribute::no_dump, STATX_ATTR_NODUMP, FS_NODUMP_FL},
    {Attribute::no_atime, 0, FS_NOATIME_FL},
    {Attribute::sync, 0, FS_SYNC_FL},
    {Attribute::dirsync, 0, FS_DIRSYNC_FL},
    {Attribute::no_cow, 0, FS_NOCOW_FL},
    {Attribute::compressed, STATX_ATTR_COMPRESSED, FS_COMPR_FL},
}};

[[nodiscard]] inline AttributeSet attributes_of_flags(std::uint64_t flags) {
  AttributeSet out;
  for (const AttributeBits& bits : attribute_bits) {
    if ((flags & bits.flag) != 0) out = out | bits.attribute;
  }
  return out;
}

[[nodiscard]] inline unsigned flags_of_attributes(AttributeSet attributes) {
  unsigned out = 0;
  for (const AttributeBits& bits : attribute_bits) {
    if (attributes.has(bits.attribute)) out |= bits.flag;
  }
  return out;
}

}  // namespace permward
