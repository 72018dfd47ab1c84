// SPDX-License-Identifier: Apache-2.0
//
// The manifest of a snapshot as text: what `permward/manifest.json` in an archive holds. Layer
// `store`; pure. A JSON document, an object a line:
//
//   {"format_version":1,"id":"20261126T101500Z-3f2a","kind":"accepted","time":1795000000,
//    "host":"web1","policy_digest":"9f86d0…","objects":[
//   {"path":"/etc/a","type":"file","size":12,"sha256":"2c26b4…","metadata":"type=file owner=0 …",
//    "owner_name":"root","group_name":"root","modified":"1795000000.000000000",
//    "xattrs":[{"name":"user.x","value_b64":"AA=="}]}
//   ]}
//
// (The first and each object stand in one line.) `size` and `sha256` are of files. `metadata` is a
// `state_text` (`store/state_text.hpp`). Bytes that are not UTF-8 are escaped, as in reports, and
// stand beside that in base64, under the same name and `_b64`: "path_b64", "host_b64" and so on.
#pragma once

#include "base/result.hpp"
#include "model/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

inline constexpr unsigned manifest_version = 1;
inline constexpr std::size_t most_manifest_text = std::size_t{64} << 20;  // bytes
inline constexpr std::size_t most_manifest_line = std::size_t{4} << 20;
inline constexpr std::size_t longest_snapshot_name = 255;  // of a host, an account, an id
// What an object's extended attributes may take together, names and values: an archive keeps them
// in a header that readers bound.
inline constexpr std::size_t most_attribute_bytes = std::size_t{256} << 10;

// Whether a manifest may hold it; where not, `what` says why: "it is no file, directory or
// symlink".
[[nodiscard]] bool fits_manifest(const SnapshotObject& object, std::string& what);
// The same of all of one, its objects in order and each once; `what` then names the object.
[[nodiscard]] bool fits_manifest(const Manifest& manifest, std::string& what);

// The bytes of its line in a manifest. Precondition: it fits.
[[nodiscard]] std::size_t manifest_line_size(const SnapshotObject& object);

// Precondition: it fits. Different manifests have different texts.
[[nodiscard]] std::string manifest_text(const Manifest& manifest);

// What `manifest_text` was made of. Errors: `unsupported` for another `format_version`, which it
// names; `invalid` for what `manifest_text` could not have made.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);

// What its first line says: all but the objects, which were not looked at. Errors: the same, of
// that line.
[[nodiscard]] Result<Manifest> parse_manifest_head(std::string_view text);

}  // namespace permward
