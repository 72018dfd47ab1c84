// SPDX-License-Identifier: Apache-2.0
// Skipping a test case, the same under Catch2 2.x and 3.x, so that ctest shows it and why.
#pragma once

#include <string_view>

namespace permward::test {

inline constexpr int skip_status = 77;  // the exit status that ctest reads as a skip

// Says on stdout that something was skipped and why, in the form that `./dev test` collects. The
// program then exits with `skip_status`, unless a test case failed. Not thread-safe.
void note_skip(std::string_view reason);

// How often `note_skip` was called.
int skips();

}  // namespace permward::test

// Ends the test case as skipped. For what the machine cannot do, never for what fails.
#define SKIP_TEST(reason)                \
  do {                                   \
    ::permward::test::note_skip(reason); \
    return;                              \
  } while (false)
