// SPDX-License-Identifier: Apache-2.0
//
// Errors for people. Layer `report`; pure.
#pragma once

#include "base/result.hpp"

#include <string>

namespace permward {

// "could not open /etc/x: Permission denied". The subject is escaped; no full stop.
[[nodiscard]] std::string error_text(const Error& error);

// As the member `kind` of a report's `error`: the name of the enumerator.
[[nodiscard]] std::string_view name(ErrorKind kind);

}  // namespace permward
