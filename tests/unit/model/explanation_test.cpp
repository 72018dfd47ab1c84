// SPDX-License-Identifier: Apache-2.0
#include "model/explanation.hpp"

#include "support/catch.hpp"

using namespace permward;

TEST_CASE("parts are named where an aspect has several") {
  REQUIRE(parts_text(Aspect::mode, 0002) == "o:w");
  REQUIRE(parts_text(Aspect::owner, 1).empty());
}
