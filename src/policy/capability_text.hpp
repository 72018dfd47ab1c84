// SPDX-License-Identifier: Apache-2.0
//
// The text of file capabilities, as setcap(8) takes it. Layer `policy`.
#pragma once

#include "model/capabilities.hpp"
#include "policy/parsed.hpp"

#include <string>

namespace permward {

// What cap_from_text(3) makes of it; of "" none. An effective flag is of all capabilities of a file
// or of none, as the kernel keeps it.
[[nodiscard]] Parsed<CapabilitiesWant> parse_capabilities_text(const std::string& text);

}  // namespace permward
