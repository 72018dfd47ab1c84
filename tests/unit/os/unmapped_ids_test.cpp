// SPDX-License-Identifier: Apache-2.0
#include "os/unmapped_ids.hpp"

#include "support/catch.hpp"

using namespace permward;

TEST_CASE("a user namespace has every id, or it lacks some - T93") {
  REQUIRE(maps_all_ids("         0          0 4294967295\n"));
  REQUIRE(maps_all_ids("0 0 1\n1 100000 4294967294\n"));
  REQUIRE_FALSE(maps_all_ids("         0       1000          1\n"));
  REQUIRE_FALSE(maps_all_ids("0 100000 65536\n"));
  REQUIRE_FALSE(maps_all_ids("0 0 1\n1 100000 4294967293\n"));
  REQUIRE_FALSE(maps_all_ids(""));
}

TEST_CASE("what cannot be read of a user namespace is a lack of ids - T93") {
  const UnmappedIds ids = read_unmapped_ids(-1);
  REQUIRE_FALSE(ids.user.all_mapped);
  REQUIRE_FALSE(ids.group.all_mapped);
}
