// SPDX-License-Identifier: Apache-2.0
//
// Actions in the words of the report. Layer `decide`; pure.
#pragma once

#include "model/accounts.hpp"
#include "model/action.hpp"

#include <string>

namespace permward {

// "mode 0640", "owner root, group adm", "acl user::rw-,user:bob:r--,…", "acl none, mode bits 0640",
// "default_acl none", "attributes not immutable", "capabilities none", "create an empty file",
// "target
// ../x", "remove". Names in it are escaped.
[[nodiscard]] std::string action_text(const Action& action, const AccountNames& names);

}  // namespace permward
