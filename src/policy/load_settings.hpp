// SPDX-License-Identifier: Apache-2.0
//
// The text of `permward.toml` to `Settings`, or to all the mistakes in it. Layer `policy`; pure.
// Where the file lies, and who may write it, is in `os/policy_files.hpp`.
#pragma once

#include "model/diagnostic.hpp"
#include "model/settings.hpp"
#include "policy/source_file.hpp"

namespace permward {

struct LoadedSettings {
  Settings settings;        // the defaults, but for what the file sets; meaningful without errors
  Diagnostics diagnostics;  // by line and column
};

// `schema` may be left out. A text that says nothing sets nothing.
[[nodiscard]] LoadedSettings load_settings(const SourceFile& file);

}  // namespace permward
