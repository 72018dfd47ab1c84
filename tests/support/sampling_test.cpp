// SPDX-License-Identifier: Apache-2.0
#include "support/sampling.hpp"

#include "support/catch.hpp"

#include <cstdlib>

using permward::test::sample;

TEST_CASE("a sample is everything where everything is asked for") {
  setenv("PERMWARD_TEST_ALL", "1", 1);
  REQUIRE(sample(2, 10, "cases") == 10);
}

TEST_CASE("a sample is no more than everything") {
  unsetenv("PERMWARD_TEST_ALL");
  REQUIRE(sample(20, 10, "cases") == 10);
}

TEST_CASE("any value but 1 means a sample") {
  setenv("PERMWARD_TEST_ALL", "0", 1);
  REQUIRE(sample(10, 10, "cases") == 10);
  REQUIRE_FALSE(permward::test::run_all());
}
