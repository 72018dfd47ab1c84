// SPDX-License-Identifier: Apache-2.0
//
// What a change did to an object, in the words of the report. Layer `decide`; pure.
#pragma once

#include "model/accounts.hpp"
#include "model/object_state.hpp"
#include "model/run_log.hpp"

#include <vector>

namespace permward {

// The aspects in which `intended` or `after` is not what `before` was, in the order of a report.
// `after` is null where nobody has seen it. Of an object that was or is to be made or removed,
// `presence` alone, and of
// one that is replaced by another type `type` alone. Names in the texts are escaped; of an ACL the
// first 100 entries are told.
[[nodiscard]] std::vector<LoggedAspect> differences(const ObjectState& before,
                                                    const ObjectState& intended,
                                                    const ObjectState* after,
                                                    const AccountNames& names);

}  // namespace permward
