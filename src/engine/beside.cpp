// SPDX-License-Identifier: Apache-2.0
#include "engine/beside.hpp"

#include "decide/plan.hpp"
#include "os/capture.hpp"
#include "os/privilege.hpp"

#include <algorithm>
#include <optional>

namespace permward {

std::vector<SetExtended> extended_changes(const std::vector<ExtendedAttribute>& now,
                                          const std::vector<ExtendedAttribute>& then) {
  std::vector<SetExtended> out;
  for (const ExtendedAttribute& attribute : then) {
    if (std::find(now.begin(), now.end(), attribute) != now.end()) continue;
    if (attribute.name.starts_with("trusted.") && !sees_trusted_attributes()) continue;
    out.push_back({attribute.name, attribute.value});
  }
  for (const ExtendedAttribute& attribute : now) {
    const bool known = std::any_of(
        then.begin(), then.end(),
        [&attribute](const ExtendedAttribute& other) { return other.name == attribute.name; });
    if (known || !attribute.name.starts_with("user.")) continue;
    out.push_back({attribute.name, std::nullopt});
  }
  return out;
}

Result<Beside> find_beside(const Kernel& kernel, int held, const Observed& observed,
                           const SnapshotObject& object) {
  Beside out;
  TRY_ASSIGN(const std::vector<ExtendedAttribute> now, extended_attributes(kernel, held));
  const std::vector<SetExtended> changes = extended_changes(now, object.attributes);
  out.actions.assign(changes.begin(), changes.end());
  if (!out.actions.empty()) out.actual = "other extended attributes";
  if (observed.type != Type::directory && observed.modified != object.modified) {
    if (out.actual.empty()) out.actual = "another modification time";
    out.actions.emplace_back(SetModified{object.modified});
  }
  return out;
}

std::vector<Action> plan_with(const ObjectState& now, const ObjectState& wanted,
                              std::span<const Action> beside) {
  if (beside.empty()) return plan(now, wanted);
  std::vector<Action> out = plan(now, installed(wanted));
  out.insert(out.end(), beside.begin(), beside.end());
  const AttributeSet bars = wanted.attributes & attributes_in_status;
  if (!bars.empty()) out.emplace_back(SetAttributes{bars, {}});
  return out;
}

}  // namespace permward
