// SPDX-License-Identifier: Apache-2.0
//
// What a generation of the store holds: objects as they were accepted, or, as evidence, as they
// were found before they were replaced. Layer `model`; values only.
#pragma once

#include "base/sha256.hpp"
#include "model/object_state.hpp"
#include "model/observation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// One beside the ACLs and the capabilities, which `ObjectState` has.
struct ExtendedAttribute {
  std::string name;   // as xattr(7) has it: "user.x", "security.selinux"
  std::string value;  // bytes
  auto operator<=>(const ExtendedAttribute&) const = default;
};

struct SnapshotObject {
  std::string path;        // absolute, in its simplest form; bytes
  ObjectState state;       // of a file, a directory or a symlink
  std::string owner_name;  // empty: nobody had the number
  std::string group_name;
  std::vector<ExtendedAttribute> attributes;  // in the order of their names, each once
  FileTime modified;
  std::uint64_t size = 0;   // of a file
  Sha256::Digest digest{};  // of a file: of its content

  bool operator==(const SnapshotObject&) const = default;
};

// The one of that path among those, which are in the order of their paths; or null.
[[nodiscard]] inline const SnapshotObject* find_object(const std::vector<SnapshotObject>& objects,
                                                       std::string_view path) {
  const auto at = std::lower_bound(
      objects.begin(), objects.end(), path,
      [](const SnapshotObject& object, std::string_view wanted) { return object.path < wanted; });
  return at == objects.end() || at->path != path ? nullptr : &*at;
}

// Of absolute paths in their simplest form.
[[nodiscard]] inline bool lies_at_or_below(std::string_view path, std::string_view top) {
  return path == top || top == "/" || (path.starts_with(top) && path[top.size()] == '/');
}

enum class SnapshotKind : std::uint8_t { accepted, evidence };
inline constexpr std::array<std::string_view, 2> snapshot_kind_names = {"accepted", "evidence"};

struct Manifest {
  std::string id;
  SnapshotKind kind = SnapshotKind::accepted;
  std::int64_t time = 0;  // seconds since 1970
  std::string host;
  std::string policy_digest;            // 64 hexadecimal digits; empty: no policy had a part in it
  std::vector<SnapshotObject> objects;  // in the order of their paths' bytes, each once

  bool operator==(const Manifest&) const = default;
};

}  // namespace permward
