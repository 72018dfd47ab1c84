// SPDX-License-Identifier: Apache-2.0
//
// Who else decides what a policy is, what is set, where a root lies, or what its names mean, as
// warnings. Layer `cli`.
#pragma once

#include "model/diagnostic.hpp"
#include "os/name_service.hpp"
#include "os/policy_trust.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

// "everyone", "user mallory", "user 7001, group web and group 100".
[[nodiscard]] std::string principals_text(const Principals& who, NameService& names);

// What others decide.
enum class Decides : std::uint8_t { policy, root, names, settings };

// A warning each, about the component of the path that lets them.
[[nodiscard]] Diagnostics distrust_warnings(const std::vector<Distrust>& distrust, Decides what,
                                            NameService& names);

}  // namespace permward
