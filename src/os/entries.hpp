// SPDX-License-Identifier: Apache-2.0
//
// What lies in a directory beside what demands on its entries list. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"

#include <functional>
#include <vector>

namespace permward {

// Lists the directory behind `directory`, whatever that is open for, anew, and counts for each of
// `wants` the names that it does not list, but for those of which `left_out` is true. Keeps a few
// names, however many there are. What cannot be listed is `unreadable`.
[[nodiscard]] Readout<std::vector<UnlistedEntries>> unlisted_entries(
    const Kernel& kernel, int directory, const std::vector<const EntriesWant*>& wants,
    const std::function<bool(const char* name)>& left_out = {});

}  // namespace permward
