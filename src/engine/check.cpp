// SPDX-License-Identifier: Apache-2.0
#include "engine/check.hpp"

#include "engine/apart.hpp"
#include "engine/survey.hpp"

namespace permward {

Result<CheckOutcome> check(const Policy& policy, const System& system,
                           const CheckOptions& options) {
  return in_a_thread_apart<CheckOutcome>([&] { return survey(policy, system, options, {}); });
}

}  // namespace permward
