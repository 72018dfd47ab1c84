// SPDX-License-Identifier: Apache-2.0
// How much of what is long a test does. `./dev test` takes a sample, `./dev test --all` everything.
#pragma once

#include <cstddef>
#include <string_view>

namespace permward::test {

// Whether everything is to be run: `PERMWARD_TEST_ALL` is `1`.
bool run_all();

// The number of cases to try: `all` if everything is to be run, else `sampled`, or fewer where
// sanitizers make them slow. Then it says so on
// stdout in the form that `./dev test` collects: `sampled: <sampled> of <all> <what>`.
std::size_t sample(std::size_t sampled, std::size_t all, std::string_view what);

}  // namespace permward::test
