// SPDX-License-Identifier: Apache-2.0
// rapidcheck inside a Catch2 test case. Draw from small pools: wide random values hardly ever meet.
#pragma once

#include "support/catch.hpp"
#include "support/sampling.hpp"

#include <rapidcheck.h>

#include <cstddef>
#include <sstream>
#include <string>
#include <utility>

namespace permward::test {

// Requires that `property`, a callable whose arguments rapidcheck draws, holds in `sampled` cases
// (in `all` of them under `./dev test --all`). It fails by RC_ASSERT, by returning false, or by
// throwing. The failure shows the smallest counterexample, and what repeats the run.
template <typename Property>
void check_property(const std::string& what, std::size_t sampled, std::size_t all,
                    Property&& property) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = static_cast<int>(sample(sampled, all, "cases of: " + what));
  const auto result = rc::detail::checkTestable(std::forward<Property>(property),
                                                rc::detail::TestMetadata{what, what}, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  INFO(what << ": " << text.str());
  INFO("again: RC_PARAMS=seed=" << params.seed << (run_all() ? " PERMWARD_TEST_ALL=1" : ""));
  REQUIRE(result.template is<rc::detail::SuccessResult>());
}

}  // namespace permward::test
