// SPDX-License-Identifier: Apache-2.0
//
// `[[waiver]]`. Layer `policy`; pure.
#pragma once

#include "model/policy.hpp"
#include "policy/file_reader.hpp"
#include "policy/reading.hpp"

namespace permward {

// Variables are replaced in `rule` and `path`; the rest is text for people. Meaningful only where
// nothing was reported of it.
[[nodiscard]] Waiver read_waiver(Reading& reading, const RawTable& table);

}  // namespace permward
