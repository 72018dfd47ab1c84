// SPDX-License-Identifier: Apache-2.0
//
// Where policies and settings come from: the search path with its masking, or what was named by
// hand. Layer `os`; knows nothing of what is in the files. `policy/load.hpp` and
// `policy/load_settings.hpp` read their texts.
#pragma once

#include "model/codes.hpp"
#include "model/diagnostic.hpp"
#include "os/policy_trust.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// The search path, lowest to highest (UAPI.6).
inline constexpr std::array<std::string_view, 3> policy_search_path = {
    "/usr/lib/permward/policy.d", "/run/permward/policy.d", "/etc/permward/policy.d"};

inline constexpr std::string_view settings_path = "/etc/permward/permward.toml";

struct PolicyFiles {
  struct File {
    std::string name;  // as it was named, or its path on the search path
    std::string text;  // of a file that is too large: a byte more than the loader takes
  };
  std::vector<File> files;  // in the order in which they are to be read
  Diagnostics mistakes;     // errors: what is missing, unreadable or no regular file; and warnings
  std::vector<Distrust> distrust;  // who else decides what the policy is
};

// The `*.toml` of these directories, absolute below `root` (a descriptor), by base name. One of the
// same base name in a later directory takes the place of an earlier one; an empty file, or a link
// to /dev/null, leaves none. Hidden files are no policies. A directory that does not exist is fine.
// `caller` as in `PolicyTrust`.
[[nodiscard]] PolicyFiles read_policy_directories(int root,
                                                  const std::vector<std::string>& directories,
                                                  std::uint32_t caller);

// Each of `names` in turn, on the host, relative to the working directory: a file, or a directory,
// which means the `*.toml` in it by base name. One file that is named twice is read where it is
// named last, which a warning tells.
[[nodiscard]] PolicyFiles read_named_policies(const std::vector<std::string>& names,
                                              std::uint32_t caller);

// The settings at `settings_path` below `root`: one file, or none where there is none, which is
// fine, and nobody is then told of; a link that leads nowhere is a mistake. An empty file and a
// link to /dev/null are an empty text.
[[nodiscard]] PolicyFiles read_settings_file(int root, std::uint32_t caller);

// The file `name` of the host, relative to the working directory, which has to be there.
[[nodiscard]] PolicyFiles read_named_settings(const std::string& name, std::uint32_t caller);

}  // namespace permward
