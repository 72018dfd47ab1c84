// SPDX-License-Identifier: Apache-2.0
//
// Why an object is not brought all the way, in the words of the report. Layer `decide`; pure.
#pragma once

#include "decide/restraint.hpp"
#include "model/accounts.hpp"

#include <string>

namespace permward {

// Names in it are escaped. Empty of `none`.
[[nodiscard]] std::string restraint_text(Restraint why, const Surroundings& around,
                                         const AccountNames& names);

}  // namespace permward
