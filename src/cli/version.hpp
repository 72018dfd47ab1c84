// SPDX-License-Identifier: Apache-2.0
//
// `permward version`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

// As in `permward version` and in reports.
[[nodiscard]] std::string_view version_text();

ExitStatus run_version(const Invocation& invocation);

}  // namespace permward
