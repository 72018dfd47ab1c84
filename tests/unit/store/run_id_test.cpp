// SPDX-License-Identifier: Apache-2.0
#include "store/run_id.hpp"

#include "support/catch.hpp"

using namespace permward;
using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_CASE("the id of a run begins with the second of its beginning") {
  REQUIRE(run_id_stem(sys_seconds(seconds(1795688100))) == "20261126T101500Z-");
  REQUIRE(run_id_stem(sys_seconds(seconds(0))) == "19700101T000000Z-");
  REQUIRE(run_id_stem(sys_seconds(seconds(1709251199))) == "20240229T235959Z-");
}

TEST_CASE("the second of an id is read, and what is of none is refused") {
  REQUIRE(time_of_run_id("20261126T101500Z-3f2a") == sys_seconds(seconds(1795688100)));
  REQUIRE(time_of_run_id("20240229T235959Z-") == sys_seconds(seconds(1709251199)));
  for (const char* none :
       {"", "20261126T101500Z", "20260229T101500Z-3f2a", "20261301T101500Z-3f2a",
        "20261126T241500Z-3f2a", "20261126T106000Z-3f2a", "20261126T101560Z-3f2a",
        "2026112-T101500Z-3f2a", "20261126 101500Z-3f2a", "20261126T1015-1Z-3f2a"}) {
    CHECK_FALSE(time_of_run_id(none).has_value());
  }
}

TEST_CASE("ids of one second go up from a number that is drawn") {
  const std::string stem = "20261126T101500Z-";
  REQUIRE(next_run_id(stem, "", 0x3f2a) == stem + "3f2a");
  REQUIRE(next_run_id(stem, "", 0) == stem + "0000");
  REQUIRE(next_run_id(stem, "", 0xffff) == stem + "7fff");
  REQUIRE(next_run_id(stem, stem + "3f2a", 7) == stem + "3f2b");
  REQUIRE(next_run_id(stem, stem + "3fff", 7) == stem + "4000");
  REQUIRE(next_run_id(stem, "20261126T101459Z-3f2a", 7) == stem + "0007");
  REQUIRE_FALSE(next_run_id(stem, stem + "ffff", 7));
}
