// SPDX-License-Identifier: Apache-2.0
//
// The value of `acl`: a list, or bounds. Layer `policy`; pure.
#pragma once

#include "model/acl.hpp"
#include "policy/account_table.hpp"
#include "policy/reading.hpp"

#include <optional>

namespace permward {

// Nothing where it cannot be read, which is reported. What depends on the owning group's rights is
// not looked at here (`mask_comes_out_empty`).
[[nodiscard]] std::optional<AclWant> read_acl(Reading& reading, AccountTable& accounts,
                                              const Entry& entry);

// `default_acl`: an array, in which base entries may stand.
[[nodiscard]] std::optional<DefaultAclWant> read_default_acl(Reading& reading,
                                                             AccountTable& accounts,
                                                             const Entry& entry);

// Whether an exact ACL has an empty mask on every file, as far as the policy alone can tell:
// `group_bits` are the rights that the owning group may have, 0 to 7.
[[nodiscard]] bool mask_comes_out_empty(const AclWant& acl, unsigned group_bits);
// The same of a default ACL, where the rule names the owning group's rights itself.
[[nodiscard]] bool mask_comes_out_empty(const DefaultAclWant& acl);

}  // namespace permward
