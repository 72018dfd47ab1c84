// SPDX-License-Identifier: Apache-2.0
#include "engine/ruled_states.hpp"

#include "decide/wanted.hpp"
#include "engine/verdicts.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <string>
#include <utility>

namespace permward {
namespace {

// All that can be known of it before it is there.
Observed as_if_there(const SnapshotObject& object) {
  Observed out;
  out.type = object.state.type;
  out.links = 1;
  out.size = object.size;
  out.modified = object.modified;
  out.attributes.known = AttributeSet::all();
  out.attributes.others = Read::value;
  out.capabilities.state = Read::value;
  out.target.state = Read::value;
  out.acl.state = Read::value;
  out.default_acl.state = Read::value;
  out.owner_account.state = Read::unreadable;
  out.group_account.state = Read::unreadable;
  out.entries.state = Read::unreadable;
  out.content = {Read::value, 0, object.digest};
  out.accepted = {Read::value, 0, &object};
  return out;
}

}  // namespace

RuledStates::RuledStates(const Ground& ground, std::chrono::year_month_day today)
    : ground_(ground),
      today_(today),
      steps_(ground.machine, Steps::small_budget),
      judge_(ground.machine.rules(), *ground.system.names, false) {}

SnapshotObject RuledStates::of(const SnapshotObject& accepted) {
  SnapshotObject out = accepted;
  Steps::Place place = steps_.place(steps_.root());
  bool stopped = false;
  for (const std::string& name : names_of(accepted.path)) place = steps_.step(place, name, stopped);
  const Demand& demand = steps_.demand(place, accepted.state.type);
  const AsRead read(accepted.state, as_if_there(accepted));
  const Verdicts found =
      find_verdicts(ground_.policy, demand, *read, accepted.path, judge_, today_);
  if (found.unknown_account) return out;
  const ObjectState ruled = wanted(ground_.policy, *read, found.to_hold);
  if (ruled.owner != accepted.state.owner) out.owner_name.clear();
  if (ruled.group != accepted.state.group) out.group_name.clear();
  out.state.owner = ruled.owner;
  out.state.group = ruled.group;
  out.state.mode = ruled.mode;
  out.state.acl = ruled.acl;
  out.state.default_acl = ruled.default_acl;
  out.state.capabilities = ruled.capabilities;
  out.state.attributes = ruled.attributes;
  return out;
}

}  // namespace permward
