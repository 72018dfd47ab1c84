// SPDX-License-Identifier: Apache-2.0
//
// The headers of an archive's members, by libarchive. Layer `store`, and private to the .cpp files
// of archives.
#pragma once

#include "model/snapshot.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace permward {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

inline constexpr std::size_t archive_buffer_size = std::size_t{256} << 10;

inline constexpr const char* manifest_member = "permward/manifest.json";
inline constexpr const char* digest_member = "permward/manifest.sha256";

// The header of an object. With an ACL the mode's group bits are those of the owning group's entry,
// not the mask: who extracts the mode alone gives nobody more. ACLs with ids of 2147483647 and
// above, attributes with odd names and times beyond 30,000 years are left out: libarchive does not
// read them as it writes them. Throws `std::bad_alloc`.
[[nodiscard]] Entry member_of(const SnapshotObject& object);
// Of a file of our own, 0600.
[[nodiscard]] Entry member_of(const char* name, std::uint64_t size, std::int64_t time);

// Whether the two say the same, as far as headers of archives go.
[[nodiscard]] bool same_member(archive_entry* one, archive_entry* other);

}  // namespace permward
