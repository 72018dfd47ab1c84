// SPDX-License-Identifier: Apache-2.0
//
// File capabilities as values: capabilities(7), "File capabilities". Layer `model`; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace permward {

// What the extended attribute `security.capability` says. A file that has it with empty sets is not
// one without it: a set-user-ID program then runs as root with no capability.
struct FileCapabilities {
  std::uint64_t permitted = 0;  // bit N: capability N of linux/capability.h
  std::uint64_t inheritable = 0;
  bool effective = false;     // of all of them, or of none
  std::uint32_t root_id = 0;  // of the user namespace that they hold in; 0: in the first one

  bool operator==(const FileCapabilities&) const = default;
};

// The value of the attribute, of any of its revisions (linux/capability.h, `vfs_cap_data`). Nothing
// where it is none.
[[nodiscard]] std::optional<FileCapabilities> parse_capabilities(std::span<const std::byte> value);

// The value of the attribute that says it: revision 2, which every kernel since 2.6.25 takes, or 3
// (4.14) where there is a root id.
[[nodiscard]] std::vector<std::byte> encode_capabilities(const FileCapabilities& capabilities);

// As getcap(8) shows them, "cap_net_raw=ep"; "=" of empty sets, "none" of none. What it says is
// what cap_from_text(3) reads, but for the root id, which stands behind it.
[[nodiscard]] std::string capabilities_text(const std::optional<FileCapabilities>& capabilities);

// `capabilities`: just these, or none.
struct CapabilitiesWant {
  std::optional<FileCapabilities> value;
};

}  // namespace permward
