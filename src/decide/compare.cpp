// SPDX-License-Identifier: Apache-2.0
#include "decide/compare.hpp"

#include "decide/rights.hpp"
#include "model/snapshot.hpp"

#include <algorithm>
#include <cassert>
#include <variant>

namespace permward {
namespace {

Status passes_if(bool holds) { return holds ? Status::pass : Status::violation; }

Status judge_presence(const PresenceWant& want, const Observed& observed) {
  const bool absent = observed.type == Type::absent;
  if (want.presence == Presence::required) return passes_if(!absent);
  return passes_if(want.presence == Presence::optional || absent);
}

Status judge_known(const Readout<bool>& account) {
  assert(account.state != Read::not_asked);
  return account.state == Read::value ? passes_if(account.value) : Status::error;
}

Status judge_id(const Policy& policy, const IdWant& want, std::uint32_t id) {
  bool all_known = true;
  for (const std::uint32_t index : want.accounts) {
    const Account& account = policy.accounts[index];
    if (account.found() && account.id == id) return Status::pass;
    all_known = all_known && account.found();
  }
  // With a name that nobody could resolve, it cannot be said that the owner is none of those
  // listed.
  return all_known ? Status::violation : Status::error;
}

Status judge_mode(const Demand& demand, const Decided& decided, const ModeWant& want,
                  const Observed& observed) {
  const BaseMode base = base_mode(demand, observed, want.form == ModeWant::Form::exact);
  if (!base.known) return Status::error;
  const unsigned left = mode_left_by(want.table(observed.type), base.mode, demand, observed);
  return passes_if(((left ^ base.mode) & decided.parts) == 0);
}

bool accounts_found(const Policy& policy, const std::vector<AclWantEntry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [&policy](const AclWantEntry& entry) {
    return policy.accounts[entry.account].found();
  });
}

const AclWantEntry* find_wanted(const Policy& policy, const std::vector<AclWantEntry>& entries,
                                const AclEntry& present) {
  for (const AclWantEntry& entry : entries) {
    if (entry.tag == present.tag && policy.accounts[entry.account].id == present.id) return &entry;
  }
  return nullptr;
}

const AclEntry* find_present(const AclView& acl, AclTag tag, std::uint32_t id, AclEntry& storage) {
  for (std::size_t i = 0; i < acl.size(); ++i) {
    storage = acl[i];
    if (storage.tag == tag && storage.id == id) return &storage;
  }
  return nullptr;
}

// True if the object has every entry of the list. It may have one twice: the kernel does not mind.
bool all_present(const Policy& policy, const std::vector<AclWantEntry>& entries,
                 const AclView& acl) {
  AclEntry storage;
  return std::all_of(entries.begin(), entries.end(), [&](const AclWantEntry& entry) {
    const std::uint32_t id = policy.accounts[entry.account].id;
    return find_present(acl, entry.tag, id, storage) != nullptr;
  });
}

// Two names of one account, with the same rights, are one entry of the object.
std::size_t distinct(const Policy& policy, const std::vector<AclWantEntry>& entries) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto same = [&](const AclWantEntry& other) {
      return other.tag == entries[i].tag &&
             policy.accounts[other.account].id == policy.accounts[entries[i].account].id;
    };
    if (std::none_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      ++count;
    }
  }
  return count;
}

Status judge_exact_acl(const Policy& policy, const Demand& demand, const AclWant& want,
                       const Observed& observed) {
  const AclView& acl = observed.acl.value;
  const bool wants_none = want.at_most.empty() && !want.mask_at_most;
  if (wants_none) return passes_if(!acl.extended());
  const unsigned mask = wanted_mask(want, demand, observed);
  if (mask == 0) return Status::error;  // such an ACL would not be looked at by the kernel

  std::size_t named = 0;
  for (std::size_t i = 0; i < acl.size(); ++i) {
    const AclEntry present = acl[i];
    if (present.tag == AclTag::mask && present.permissions != mask) return Status::violation;
    if (!present.named()) continue;
    ++named;
    const AclWantEntry* wanted = find_wanted(policy, want.at_most, present);
    if (wanted == nullptr || stated_rights(*wanted, observed) != present.permissions) {
      return Status::violation;
    }
  }
  return passes_if(named == distinct(policy, want.at_most) &&
                   all_present(policy, want.at_most, acl) && acl.find(AclTag::mask));
}

bool within_at_most(const Policy& policy, const AclWant& want, const Observed& observed) {
  const AclView& acl = observed.acl.value;
  for (std::size_t i = 0; i < acl.size(); ++i) {
    const AclEntry present = acl[i];
    unsigned allowed = 0;
    if (present.named()) {
      const AclWantEntry* wanted = find_wanted(policy, want.at_most, present);
      if (wanted != nullptr) allowed = stated_rights(*wanted, observed);
    } else if (present.tag == AclTag::mask && want.mask_at_most) {
      allowed = stated_rights(*want.mask_at_most, observed);
    } else {
      continue;
    }
    if ((present.permissions & ~allowed) != 0) return false;
  }
  return true;
}

bool has_at_least(const Policy& policy, const AclWant& want, const Observed& observed) {
  const AclView& acl = observed.acl.value;
  AclEntry storage;
  for (const AclWantEntry& entry : want.at_least) {
    const std::uint32_t id = policy.accounts[entry.account].id;
    const AclEntry* present = find_present(acl, entry.tag, id, storage);
    const unsigned effective = present != nullptr ? acl.masked(present->permissions) : 0U;
    if ((stated_rights(entry, observed) & ~effective) != 0) return false;
  }
  const auto mask = acl.find(AclTag::mask);
  if (!want.mask_at_least || !mask) return true;
  return (stated_rights(*want.mask_at_least, observed) & ~unsigned{mask->permissions}) == 0;
}

Status judge_acl(const Policy& policy, const Demand& demand, const AclWant& want,
                 const Observed& observed) {
  assert(observed.acl.state != Read::not_asked);
  if (observed.acl.state == Read::unreadable) return Status::error;
  if (!accounts_found(policy, want.at_most) || !accounts_found(policy, want.at_least)) {
    return Status::error;
  }
  if (want.form == AclWant::Form::exact) {
    const bool wants_none = want.at_most.empty() && !want.mask_at_most;
    if (observed.acl.state == Read::unsupported && !wants_none) return Status::error;
    return judge_exact_acl(policy, demand, want, observed);
  }
  // Without an ACL, and where none can be, an at-most holds; an at-least that asks nothing does
  // too.
  if (want.bounded_above && !within_at_most(policy, want, observed)) return Status::violation;
  if (!want.bounded_below || has_at_least(policy, want, observed)) return Status::pass;
  return observed.acl.state == Read::unsupported ? Status::error : Status::violation;
}

Status judge_default_acl(const Policy& policy, const DefaultAclWant& want,
                         const Observed& observed) {
  const Readout<AclView>& there = observed.default_acl;
  assert(there.state != Read::not_asked);
  if (there.state == Read::unreadable || !accounts_found(policy, want.named)) return Status::error;
  if (want.none()) return passes_if(there.value.empty());
  if (there.state == Read::unsupported) return Status::error;
  const AclView& acl = there.value;
  const std::optional<unsigned> mask = wanted_default_mask(want, observed);
  if (mask == 0U) return Status::error;  // what is made there would have an ACL that is skipped
  if (acl.empty() || mask.has_value() != acl.find(AclTag::mask).has_value()) {
    return Status::violation;
  }
  std::size_t named = 0;
  for (std::size_t i = 0; i < acl.size(); ++i) {
    const AclEntry present = acl[i];
    unsigned wanted = 0;
    if (present.named()) {
      ++named;
      const AclWantEntry* entry = find_wanted(policy, want.named, present);
      if (entry == nullptr) return Status::violation;
      wanted = entry->permissions;
    } else {
      wanted =
          present.tag == AclTag::mask ? *mask : wanted_default_base(want, observed, present.tag);
    }
    if (present.permissions != wanted) return Status::violation;
  }
  return passes_if(named == distinct(policy, want.named) && all_present(policy, want.named, acl));
}

// What a file system keeps no attributes for is as clear as it can be.
Status judge_attributes(const Decided& decided, const AttributesWant& want,
                        const ObservedAttributes& observed) {
  const auto parts = AttributeSet::of_bits(decided.parts);
  const AttributeSet set = want.set & parts;
  const AttributeSet clear = want.clear & parts;
  const AttributeSet wrong = (set.without(observed.set) | (clear & observed.set)) & observed.known;
  if (!wrong.empty()) return Status::violation;
  const bool unreadable = observed.others == Read::unreadable;
  return observed.known.covers(unreadable ? parts : set) ? Status::pass : Status::error;
}

Status judge_capabilities(const CapabilitiesWant& want,
                          const Readout<std::optional<FileCapabilities>>& observed) {
  assert(observed.state != Read::not_asked);
  if (observed.state == Read::unreadable) return Status::error;
  // Where none can be kept there are none.
  if (observed.state == Read::unsupported) return want.value ? Status::error : Status::pass;
  return passes_if(observed.value == want.value);
}

Status judge_target(const TargetWant& want, const Observed& observed) {
  assert(observed.target.state != Read::not_asked);
  if (observed.target.state != Read::value) return Status::error;
  const auto& texts = want.texts;
  return passes_if(std::find(texts.begin(), texts.end(), observed.target.value) != texts.end());
}

Status judge_entries(const EntriesWant& want,
                     const Readout<std::vector<UnlistedEntries>>& observed) {
  assert(observed.state != Read::not_asked);
  if (observed.state != Read::value) return Status::error;
  const UnlistedEntries* unlisted = unlisted_of(observed.value, want);
  assert(unlisted != nullptr);
  return passes_if(unlisted->count == 0);
}

// What was never accepted could not be verified. What is of another size need not be read: whoever
// makes a file too long to be hashed has changed it.
Status judge_pinned(const Observed& observed) {
  assert(observed.accepted.state != Read::not_asked);
  if (observed.accepted.state != Read::value || observed.accepted.value == nullptr) {
    return Status::error;
  }
  const SnapshotObject& accepted = *observed.accepted.value;
  if (accepted.state.type != observed.type) return Status::violation;
  if (observed.type == Type::symlink) {
    if (observed.target.state != Read::value) return Status::error;
    return passes_if(observed.target.value == accepted.state.target);
  }
  if (observed.content.state == Read::value) {
    return passes_if(observed.content.value == accepted.digest);
  }
  return observed.size == accepted.size ? Status::error : Status::violation;
}

Status judge_digest(const ContentWant& want, const Readout<Sha256::Digest>& observed) {
  assert(observed.state != Read::not_asked);
  if (observed.state != Read::value) return Status::error;
  const auto& digests = want.sha256;
  return passes_if(std::find(digests.begin(), digests.end(), observed.value) != digests.end());
}

// One aspect each.
struct Comparison {
  const Policy& policy;
  const Demand& demand;
  const Decided& decided;
  const Observed& observed;

  Status operator()(const PresenceWant& want) const { return judge_presence(want, observed); }
  Status operator()(const TypeWant& want) const {
    return passes_if(want.allowed.has(observed.type));
  }
  Status operator()(const IdWant& want) const {
    const bool owner = decided.clause->aspect == Aspect::owner;
    const bool unmapped = owner ? observed.owner_unmapped : observed.group_unmapped;
    const Status out = want.known
                           ? judge_known(owner ? observed.owner_account : observed.group_account)
                           : judge_id(policy, want, owner ? observed.owner : observed.group);
    return unmapped && out == Status::pass ? Status::error : out;
  }
  Status operator()(const ModeWant& want) const {
    return judge_mode(demand, decided, want, observed);
  }
  Status operator()(const AclWant& want) const { return judge_acl(policy, demand, want, observed); }
  Status operator()(const DefaultAclWant& want) const {
    return judge_default_acl(policy, want, observed);
  }
  Status operator()(const AttributesWant& want) const {
    return judge_attributes(decided, want, observed.attributes);
  }
  Status operator()(const CapabilitiesWant& want) const {
    return judge_capabilities(want, observed.capabilities);
  }
  Status operator()(const LinksWant& want) const { return passes_if(observed.links <= want.most); }
  Status operator()(const EntriesWant& want) const { return judge_entries(want, observed.entries); }
  Status operator()(const TargetWant& want) const { return judge_target(want, observed); }
  Status operator()(const ContentWant& want) const {
    return want.pinned ? judge_pinned(observed) : judge_digest(want, observed.content);
  }
};

}  // namespace

Status judge(const Policy& policy, const Demand& demand, const Decided& decided,
             const Observed& observed) {
  return std::visit(Comparison{policy, demand, decided, observed}, decided.clause->want);
}

namespace {

// Of an alternative: how its clauses come out together.
Status judge_whole(const Policy& policy, const Demand& alternative, const Observed& observed) {
  Status out = Status::pass;
  for (const Decided& decided : alternative.decided) {
    const Status status = judge(policy, alternative, decided, observed);
    if (status == Status::violation) return status;
    if (status == Status::error) out = status;
  }
  return out;
}

// The first alternative that an object of this type could meet; else the first.
const Demand& first_of_type(const std::vector<Demand>& alternatives) {
  const auto of_type = [](const Demand& alternative) {
    return std::none_of(alternative.decided.begin(), alternative.decided.end(),
                        [&](const Decided& decided) {
                          const auto* want = std::get_if<TypeWant>(&decided.clause->want);
                          return want != nullptr && !want->allowed.has(alternative.type);
                        });
  };
  const auto found = std::find_if(alternatives.begin(), alternatives.end(), of_type);
  return found == alternatives.end() ? alternatives.front() : *found;
}

void judge_choice(const Policy& policy, const Choice& choice, const Observed& observed,
                  std::vector<Judged>& out) {
  const auto holds = [&](const Demand& alternative) {
    return judge_whole(policy, alternative, observed) == Status::pass;
  };
  const auto& all = choice.alternatives;
  const auto holding = std::find_if(all.begin(), all.end(), holds);
  const bool none = holding == all.end();
  const Demand& shown = none ? first_of_type(all) : *holding;
  const std::size_t in_vain = none ? policy.rules[choice.rule].alternatives : 0;
  // Where another one could hold, it is not known that anything is violated.
  const bool known = judge(policy, choice, observed) != Status::error;
  for (const Decided& decided : shown.decided) {
    const Status status = judge(policy, shown, decided, observed);
    const bool unsure = status == Status::violation && !known;
    out.push_back({&shown, &decided, unsure ? Status::error : status, in_vain});
  }
}

}  // namespace

Status judge(const Policy& policy, const Choice& choice, const Observed& observed) {
  Status out = Status::violation;
  for (const Demand& alternative : choice.alternatives) {
    const Status status = judge_whole(policy, alternative, observed);
    if (status == Status::pass) return status;
    if (status == Status::error) out = status;
  }
  return out;
}

std::vector<Judged> judge_all(const Policy& policy, const Demand& demand,
                              const Observed& observed) {
  std::vector<Judged> out;
  for (const Decided& decided : demand.decided) {
    out.push_back({&demand, &decided, judge(policy, demand, decided, observed), 0});
  }
  for (const Choice& choice : demand.choices) judge_choice(policy, choice, observed, out);
  return out;
}

bool complies(const Policy& policy, const Demand& demand, const Observed& observed) {
  return std::all_of(demand.decided.begin(), demand.decided.end(),
                     [&](const Decided& decided) {
                       return judge(policy, demand, decided, observed) == Status::pass;
                     }) &&
         std::all_of(demand.choices.begin(), demand.choices.end(), [&](const Choice& choice) {
           return judge(policy, choice, observed) == Status::pass;
         });
}

}  // namespace permward
