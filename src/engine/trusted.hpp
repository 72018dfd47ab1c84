// SPDX-License-Identifier: Apache-2.0
//
// Whom a rule trusts with the directories on the way to its paths. Layer `engine`; pure.
#pragma once

#include "model/control.hpp"
#include "model/policy.hpp"

namespace permward {

// A name that has no account is nobody: nobody can act under it.
[[nodiscard]] Principals trusted_by(const Policy& policy, const Rule& rule);

}  // namespace permward
