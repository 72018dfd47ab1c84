// SPDX-License-Identifier: Apache-2.0
//
// What a host calls itself. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "os/policy_trust.hpp"

#include <optional>
#include <string>

namespace permward {

// gethostname(2); nothing where it fails.
[[nodiscard]] std::optional<std::string> host_name();

// The first line of etc/hostname, blanks around it taken away; nothing where there is no such file,
// or nothing in that line. `way` walks from the root. Errors: those of `read_file_of`; `invalid`
// where that line is no name: longer than 255 bytes, or with a control character in it.
[[nodiscard]] Result<std::optional<std::string>> host_name_of(PolicyTrust& way);

}  // namespace permward
