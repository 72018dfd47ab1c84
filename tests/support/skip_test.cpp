// SPDX-License-Identifier: Apache-2.0
#include "support/skip.hpp"

#include "support/catch.hpp"

TEST_CASE("nothing is skipped unless it is said") { REQUIRE(permward::test::skips() == 0); }
