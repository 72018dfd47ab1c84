// SPDX-License-Identifier: Apache-2.0
#include "property/compare_model.hpp"

#include "support/policies.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace permward::test {
namespace {

using Key = std::pair<AclTag, std::uint32_t>;  // a tag and an id

std::vector<AclEntry> entries_of(const Observed& observed) {
  std::vector<AclEntry> out;
  if (observed.acl.state != Read::value) return out;
  for (std::size_t i = 0; i < observed.acl.value.size(); ++i) {
    out.push_back(observed.acl.value[i]);
  }
  return out;
}

std::optional<unsigned> rights_of(const std::vector<AclEntry>& entries, AclTag tag) {
  for (const AclEntry& entry : entries) {
    if (entry.tag == tag) return entry.permissions;
  }
  return std::nullopt;
}

unsigned in_effect(const Observed& observed, unsigned rights) {
  return rights & rights_of(entries_of(observed), AclTag::mask).value_or(7);
}

// The mode that the demand speaks of: with the rights of `group::` where it decides the ACL too.
unsigned spoken_of(const Demand& demand, const Observed& observed, bool group_as_it_stands) {
  const bool acl_too =
      std::any_of(demand.decided.begin(), demand.decided.end(),
                  [](const Decided& decided) { return decided.clause->aspect == Aspect::acl; });
  const auto group = rights_of(entries_of(observed), AclTag::group_obj);
  if (!acl_too || !group) return observed.mode;
  const unsigned rights = group_as_it_stands ? *group : in_effect(observed, *group);
  return (observed.mode & ~070U) | rights << 3;
}

// The mode as all deciding clauses leave it: applied until nothing changes.
unsigned left(const Demand& demand, const Observed& observed) {
  unsigned mode = spoken_of(demand, observed, false);
  for (int round = 0; round < 10; ++round) {
    unsigned changed = 0;  // by any of them: those of one rank do not contradict each other
    for (const Decided& decided : demand.decided) {
      const auto* want = std::get_if<ModeWant>(&decided.clause->want);
      if (want == nullptr) continue;
      changed |= (applied(*want, mode, mode, observed.type) ^ mode) & decided.parts;
    }
    if (changed == 0) return mode;
    mode ^= changed;
  }
  return mode;
}

Status verdict(bool passes) { return passes ? Status::pass : Status::violation; }

Status of_mode(const Demand& demand, const Decided& decided, const ModeWant& want,
               const Observed& observed) {
  const bool acl_too =
      std::any_of(demand.decided.begin(), demand.decided.end(),
                  [](const Decided& other) { return other.clause->aspect == Aspect::acl; });
  if (acl_too && observed.acl.state == Read::unreadable) return Status::error;
  const unsigned mode = spoken_of(demand, observed, want.form == ModeWant::Form::exact);
  const unsigned wanted = applied(want, mode, left(demand, observed), observed.type);
  return verdict(((mode ^ wanted) & decided.parts) == 0);
}

Status of_id(const Policy& policy, const IdWant& want, std::uint32_t id) {
  bool unknown = false;
  for (const std::uint32_t index : want.accounts) {
    const Account& account = policy.accounts[index];
    if (account.state == Account::State::found && account.id == id) return Status::pass;
    if (account.state != Account::State::found) unknown = true;
  }
  return unknown ? Status::error : Status::violation;
}

bool somebody_executes(const Observed& observed) {
  if (observed.type == Type::directory) return true;
  const std::vector<AclEntry> entries = entries_of(observed);
  if (entries.empty()) return (observed.mode & 0111) != 0;
  bool out = false;
  for (const AclEntry& entry : entries) {
    if (entry.tag == AclTag::mask) continue;
    const bool masked = entry.tag != AclTag::user_obj && entry.tag != AclTag::other;
    const unsigned rights =
        masked ? in_effect(observed, entry.permissions) : unsigned{entry.permissions};
    out = out || (rights & 1) != 0;
  }
  return out;
}

class AclVerdict {
 public:
  AclVerdict(const Policy& policy, const Demand& demand, const AclWant& want,
             const Observed& observed)
      : policy_(policy), demand_(demand), want_(want), observed_(observed) {}

  Status status() const {
    if (observed_.acl.state == Read::unreadable) return Status::error;
    for (const auto* list : {&want_.at_most, &want_.at_least}) {
      for (const AclWantEntry& entry : *list) {
        if (!policy_.accounts[entry.account].found()) return Status::error;
      }
    }
    return want_.form == AclWant::Form::exact ? of_exact() : of_bounds();
  }

 private:
  unsigned rights(const AclWantEntry& entry) const {
    return entry.permissions | (entry.x_if_any_x && somebody_executes(observed_) ? 1U : 0U);
  }
  Key key(const AclWantEntry& entry) const {
    return {entry.tag, policy_.accounts[entry.account].id};
  }
  std::vector<AclEntry> named() const {
    std::vector<AclEntry> out;
    for (const AclEntry& entry : entries_of(observed_)) {
      if (entry.named()) out.push_back(entry);
    }
    return out;
  }

  Status of_exact() const {
    const auto mask = rights_of(entries_of(observed_), AclTag::mask);
    if (want_.at_most.empty() && !want_.mask_at_most) return verdict(named().empty() && !mask);
    if (observed_.acl.state == Read::unsupported) return Status::error;
    std::map<Key, unsigned> wanted;
    unsigned all = left(demand_, observed_) >> 3 & 7;
    for (const AclWantEntry& entry : want_.at_most) {
      wanted[key(entry)] = rights(entry);
      all |= rights(entry);
    }
    const unsigned wanted_mask = want_.mask_at_most ? rights(*want_.mask_at_most) : all;
    if (wanted_mask == 0) return Status::error;
    std::map<Key, unsigned> there;
    for (const AclEntry& entry : named()) there[{entry.tag, entry.id}] = entry.permissions;
    const bool twice = there.size() != named().size();
    return verdict(!twice && there == wanted && mask == wanted_mask);
  }

  Status of_bounds() const {
    const auto mask = rights_of(entries_of(observed_), AclTag::mask);
    bool above = true;
    if (want_.bounded_above) {
      std::map<Key, unsigned> most;
      for (const AclWantEntry& entry : want_.at_most) most[key(entry)] = rights(entry);
      for (const AclEntry& entry : named()) {
        above = above && (entry.permissions & ~most[{entry.tag, entry.id}]) == 0;
      }
      if (mask && want_.mask_at_most) above = above && (*mask & ~rights(*want_.mask_at_most)) == 0;
    }
    bool below = true;
    if (want_.bounded_below) {
      for (const AclWantEntry& entry : want_.at_least) {
        unsigned has = 0;
        for (const AclEntry& present : named()) {
          if (Key{present.tag, present.id} != key(entry)) continue;
          has = in_effect(observed_, present.permissions);
          break;  // the kernel looks at the first
        }
        below = below && (rights(entry) & ~has) == 0;
      }
      if (mask && want_.mask_at_least)
        below = below && (rights(*want_.mask_at_least) & ~*mask) == 0;
    }
    if (!above) return Status::violation;
    if (!below && observed_.acl.state == Read::unsupported) return Status::error;
    return verdict(below);
  }

  const Policy& policy_;
  const Demand& demand_;
  const AclWant& want_;
  const Observed& observed_;
};

}  // namespace

unsigned applied(const ModeWant& want, unsigned mode, unsigned read, Type type) {
  switch (want.form) {
    case ModeWant::Form::exact:
      return want.at_most;
    case ModeWant::Form::bounds:
      return (mode & want.at_most) | want.at_least;
    case ModeWant::Form::symbolic:
      break;
  }
  return chmod(want.text, mode, type, read);
}

bool holds(const ModeWant& want, unsigned mode, Type type) {
  return applied(want, mode, mode, type) == mode;
}

Status slow_verdict(const Policy& policy, const Demand& demand, const Decided& decided,
                    const Observed& observed) {
  const Want& want = decided.clause->want;
  if (const auto* presence = std::get_if<PresenceWant>(&want)) {
    const bool there = observed.type != Type::absent;
    return verdict(there ? presence->presence != Presence::forbidden
                         : presence->presence != Presence::required);
  }
  if (const auto* type = std::get_if<TypeWant>(&want)) {
    return verdict(type->allowed.has(observed.type));
  }
  if (const auto* ids = std::get_if<IdWant>(&want)) {
    const bool owner = decided.clause->aspect == Aspect::owner;
    return of_id(policy, *ids, owner ? observed.owner : observed.group);
  }
  if (const auto* mode = std::get_if<ModeWant>(&want)) {
    return of_mode(demand, decided, *mode, observed);
  }
  return AclVerdict(policy, demand, std::get<AclWant>(want), observed).status();
}

}  // namespace permward::test
