// SPDX-License-Identifier: Apache-2.0
#include "store/retention.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace permward;

namespace {

using Ids = std::vector<std::string>;

// At noon of that day of 2026.
DatedGeneration on(const std::string& id, unsigned month, unsigned day, unsigned hour = 12) {
  using namespace std::chrono;
  const sys_days date = year(2026) / std::chrono::month(month) / std::chrono::day(day);
  const sys_seconds time = date + hours(hour);
  return {id, SnapshotKind::accepted, time.time_since_epoch().count()};
}

}  // namespace

TEST_CASE("the newest generations are kept") {
  const std::vector<DatedGeneration> all = {on("a", 1, 1), on("b", 1, 1), on("c", 1, 2),
                                            on("d", 1, 3)};
  CHECK(to_prune(all, {2, 0, 0, 0}) == Ids{"a", "b"});
  CHECK(to_prune(all, {9, 0, 0, 0}).empty());
  CHECK(to_prune({}, {1, 1, 1, 1}).empty());
}

TEST_CASE("the newest is kept whatever is asked for") {
  const std::vector<DatedGeneration> all = {on("a", 1, 1), on("b", 1, 2)};
  CHECK(to_prune(all, {}) == Ids{"a"});
}

TEST_CASE("of each day, week and month the newest counts") {
  // 2026-03-01 was a Sunday.
  const std::vector<DatedGeneration> all = {
      on("jan", 1, 15),     on("feb", 2, 2),    on("sat", 2, 28),    on("sun", 3, 1, 8),
      on("late", 3, 1, 23), on("mon", 3, 2, 0), on("noon", 3, 2, 12)};
  CHECK(to_prune(all, {0, 2, 0, 0}) == Ids{"jan", "feb", "sat", "sun", "mon"});
  CHECK(to_prune(all, {0, 3, 0, 0}) == Ids{"jan", "feb", "sun", "mon"});
  CHECK(to_prune(all, {0, 0, 2, 0}) == Ids{"jan", "feb", "sat", "sun", "mon"});
  CHECK(to_prune(all, {0, 0, 0, 2}) == Ids{"jan", "feb", "sun", "late", "mon"});
  CHECK(to_prune(all, {0, 0, 0, 3}) == Ids{"feb", "sun", "late", "mon"});
  // Those without a generation do not count.
  CHECK(to_prune(all, {0, 0, 0, 12}) == Ids{"feb", "sun", "late", "mon"});
  // What one keeps another need not.
  CHECK(to_prune(all, {1, 0, 2, 3}) == Ids{"feb", "sun", "mon"});
}

TEST_CASE("days before 1970 are days too") {
  std::vector<DatedGeneration> all = {on("a", 1, 1), on("b", 1, 1), on("c", 1, 1)};
  all[0].time = -1;
  all[1].time = -86'400 * 3;      // Monday, 1969-12-29
  all[2].time = -86'400 * 3 - 1;  // the Sunday before
  CHECK(to_prune(all, {0, 0, 9, 0}) == Ids{"a"});
  all[0].time = -86'400 * 2;
  all[2].time = -86'400;
  CHECK(to_prune(all, {0, 0, 9, 0}) == Ids{"a", "b"});
}

TEST_CASE("evidence is neither counted nor pruned") {
  std::vector<DatedGeneration> all = {on("a", 1, 1), on("b", 1, 2), on("c", 1, 3), on("d", 1, 4)};
  all[1].kind = all[3].kind = SnapshotKind::evidence;
  CHECK(to_prune(all, {1, 0, 0, 0}) == Ids{"a"});
}
