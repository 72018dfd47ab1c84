// SPDX-License-Identifier: Apache-2.0
#include "engine/examine.hpp"

namespace permward {

Result<void> read_demanded(Observer& observer, int held, const Demand& demand, Observed& observed) {
  if (!demand.asks_acl) return {};
  return observer.of(held, Ask::status_and_acl, observed);
}

}  // namespace permward
