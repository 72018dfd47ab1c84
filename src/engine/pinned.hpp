// SPDX-License-Identifier: Apache-2.0
//
// Where a policy pins what a snapshot has accepted (`content = "pinned"`). Layer `engine`.
#pragma once

#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "model/policy.hpp"
#include "model/rule.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace permward {

// Whether there is a content that could be pinned, or a target.
[[nodiscard]] constexpr bool can_be_pinned(Type type) {
  return type == Type::file || type == Type::symlink;
}

// The clause of `demand` that pins the object whatever else holds, or null.
[[nodiscard]] const Decided* pinning_clause(const Demand& demand);
// Whether some clause does, perhaps one of an alternative.
[[nodiscard]] bool pins(const Demand& demand);

// The rule that pins an object of that type at the path, or null. Of a directory, that it is there.
[[nodiscard]] const Rule* pinning_rule(Steps& steps, const Machine& machine,
                                       const std::string& path, Type type);

// The target of a selected rule whose recursion pins the names at the place: its rule pins, and
// something pins an object of that type there; of a directory, whatever else is demanded of it,
// that the rule selects it.
[[nodiscard]] std::optional<std::uint32_t> pinning_recursion(Steps& steps, const Machine& machine,
                                                             Steps::Place place, Type type);

}  // namespace permward
