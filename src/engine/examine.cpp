// SPDX-License-Identifier: Apache-2.0
#include "engine/examine.hpp"

namespace permward {

Result<void> read_demanded(Observer& observer, int held, const Demand& demand, Observed& observed) {
  if (demand.asks.empty()) return {};
  return observer.of(held, demand.asks, observed);
}

}  // namespace permward
