// SPDX-License-Identifier: Apache-2.0
//
// What this host calls itself. Layer `os`.
#pragma once

#include <string>

namespace permward {

// gethostname(2); empty where it fails.
[[nodiscard]] std::string host_name();

}  // namespace permward
