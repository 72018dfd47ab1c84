// SPDX-License-Identifier: Apache-2.0
//
// The value of `attributes`: names or letters of chattr(1), or what is to be set and what is not to
// be. Layer `policy`; pure.
#pragma once

#include "model/attributes.hpp"
#include "policy/reading.hpp"

#include <optional>

namespace permward {

// Nothing where it cannot be read, which is reported.
[[nodiscard]] std::optional<AttributesWant> read_attributes(Reading& reading, const Entry& entry);

}  // namespace permward
