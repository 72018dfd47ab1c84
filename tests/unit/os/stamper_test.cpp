// SPDX-License-Identifier: Apache-2.0
#include "os/stamper.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

using namespace permward;

namespace {

constexpr std::int64_t then = 1'795'000'000;  // seconds

std::chrono::system_clock::time_point after(std::int64_t milliseconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(then)) +
         std::chrono::milliseconds(milliseconds);
}

}  // namespace

TEST_CASE("a change lies back once the clock has ticked") {
  const FileTime changed{then, 500'000'000};
  CHECK_FALSE(lies_back(changed, after(400)));  // it is to come
  CHECK_FALSE(lies_back(changed, after(500)));
  CHECK_FALSE(lies_back(changed, after(519)));
  CHECK(lies_back(changed, after(521)));
  CHECK(lies_back(changed, after(1'000)));
  CHECK_FALSE(lies_back({then, 990'000'000}, after(1'005)));
  CHECK(lies_back({then, 990'000'000}, after(1'015)));
}

TEST_CASE("where seconds are counted two have to be over") {
  const FileTime changed{then, 0};
  CHECK_FALSE(lies_back(changed, after(0)));
  CHECK_FALSE(lies_back(changed, after(1'999)));
  CHECK(lies_back(changed, after(2'001)));
}

TEST_CASE("no time is too far away to be told") {
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  CHECK_FALSE(lies_back({far, 999'999'999}, after(0)));
  CHECK(lies_back({-far, 1}, after(0)));
  CHECK_FALSE(lies_back({then, 1}, std::chrono::system_clock::time_point::min()));
}
