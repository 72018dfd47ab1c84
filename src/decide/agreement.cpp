// SPDX-License-Identifier: Apache-2.0
#include "decide/agreement.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <variant>

namespace permward {
namespace {

// An account as what it is, or, where nobody knows, as what it is called.
using AccountKey = std::tuple<AccountKind, bool, std::uint32_t, std::string>;

AccountKey key_of(const Policy& policy, std::uint32_t index) {
  const Account& account = policy.accounts[index];
  if (account.found()) return {account.kind, true, account.id, ""};
  return {account.kind, false, 0, account.text};
}

bool agree(const PresenceWant& a, const PresenceWant& b) {
  const auto is = [](const PresenceWant& want, Presence presence) {
    return want.presence == presence;
  };
  return !(is(a, Presence::required) && is(b, Presence::forbidden)) &&
         !(is(a, Presence::forbidden) && is(b, Presence::required));
}

bool agree(const TypeWant& a, const TypeWant& b) { return !(a.allowed & b.allowed).empty(); }

bool agree(const Policy& policy, const IdWant& a, const IdWant& b) {
  if (a.known || b.known || a.accounts == b.accounts) return true;
  std::set<AccountKey> first;
  for (const std::uint32_t index : a.accounts) first.insert(key_of(policy, index));
  return std::any_of(b.accounts.begin(), b.accounts.end(),
                     [&](std::uint32_t index) { return first.count(key_of(policy, index)) != 0; });
}

// Whether some mode is in policy for both: for one of the eight ways to set the execute bits.
bool agree(const ModeTable& a, const ModeTable& b) {
  for (unsigned index = 0; index < a.rows.size(); ++index) {
    const unsigned set = a.rows[index].set | unsigned{b.rows[index].set};
    const unsigned clear = a.rows[index].clear | unsigned{b.rows[index].clear};
    const unsigned execute = (index >> 2 & 1) << 6 | (index >> 1 & 1) << 3 | (index & 1);
    const bool stays = (set & ~execute & 0111) == 0 && (clear & execute) == 0;
    if (stays && (set & clear) == 0) return true;
  }
  return false;
}

// What an ACL demand lets a set of rights be. `X` may be either, and is let be.
struct Bounds {
  unsigned least = 0;
  unsigned most = 7;
};

// What an ACL demand lets an entry be.
struct EntryBounds {
  Bounds rights;
  bool may_be_there = true;
  bool may_be_missing = true;
};

struct AclBounds {
  bool may_be_none = true;  // an object without named entries and without a mask
  bool may_be_some = true;
  bool exact = false;
  std::map<AccountKey, EntryBounds> listed;
  EntryBounds unlisted;
  Bounds mask;
};

unsigned most_rights(const AclWantEntry& entry) {
  return entry.permissions | (entry.x_if_any_x ? 1U : 0U);
}

AclBounds bounds_of_exact(const Policy& policy, const AclWant& want) {
  AclBounds out;
  out.exact = true;
  out.may_be_none = want.at_most.empty() && !want.mask_at_most;
  out.may_be_some = !out.may_be_none;
  out.unlisted.may_be_there = false;
  for (const AclWantEntry& entry : want.at_most) {
    const Bounds rights{entry.permissions, most_rights(entry)};
    out.listed[key_of(policy, entry.account)] = {rights, true, false};
    out.mask.least |= rights.least;  // what the owning group adds to it, nobody knows
  }
  if (want.mask_at_most)
    out.mask = {want.mask_at_most->permissions, most_rights(*want.mask_at_most)};
  return out;
}

AclBounds bounds_of_bounds(const Policy& policy, const AclWant& want) {
  AclBounds out;
  if (want.bounded_above) out.unlisted.rights.most = 0;
  for (const AclWantEntry& entry : want.at_most) {
    out.listed[key_of(policy, entry.account)].rights.most = most_rights(entry);
  }
  if (want.mask_at_most) out.mask.most = most_rights(*want.mask_at_most);
  if (want.mask_at_least) out.mask.least = want.mask_at_least->permissions;
  for (const AclWantEntry& entry : want.at_least) {
    const auto at = out.listed.try_emplace(key_of(policy, entry.account), out.unlisted).first;
    at->second.rights.least = entry.permissions;
    out.mask.least |= entry.permissions;  // they are to be in effect
    at->second.may_be_missing = entry.permissions == 0;
    out.may_be_none = out.may_be_none && entry.permissions == 0;
  }
  return out;
}

AclBounds bounds_of(const Policy& policy, const AclWant& want) {
  const bool exact = want.form == AclWant::Form::exact;
  return exact ? bounds_of_exact(policy, want) : bounds_of_bounds(policy, want);
}

bool agree(const Bounds& a, const Bounds& b) {
  return ((a.least | b.least) & ~(a.most & b.most)) == 0;
}

bool agree(const EntryBounds& a, const EntryBounds& b) {
  return (a.may_be_missing && b.may_be_missing) ||
         (a.may_be_there && b.may_be_there && agree(a.rights, b.rights));
}

bool agree(const Policy& policy, const AclWant& a, const AclWant& b) {
  const AclBounds first = bounds_of(policy, a);
  const AclBounds second = bounds_of(policy, b);
  if (first.may_be_none && second.may_be_none) return true;
  if (!first.may_be_some || !second.may_be_some) return false;
  const auto all_agree = [](const AclBounds& one, const AclBounds& other) {
    return std::all_of(one.listed.begin(), one.listed.end(), [&other](const auto& entry) {
      const auto it = other.listed.find(entry.first);
      return agree(entry.second, it == other.listed.end() ? other.unlisted : it->second);
    });
  };
  // An exact ACL whose mask is empty is in policy nowhere.
  const bool empty_mask = (first.mask.most & second.mask.most) == 0;
  if (empty_mask && (first.exact || second.exact)) return false;
  return all_agree(first, second) && all_agree(second, first) && agree(first.mask, second.mask);
}

// Entry by entry; what one of them leaves as it is, the other may state.
bool agree(const Policy& policy, const DefaultAclWant& a, const DefaultAclWant& b) {
  if (a.none() || b.none()) return a.none() && b.none();
  const auto rights_of = [&policy](const DefaultAclWant& want) {
    std::map<AccountKey, unsigned> out;
    for (const AclWantEntry& entry : want.named) {
      out[key_of(policy, entry.account)] = entry.permissions;
    }
    return out;
  };
  const auto same = [](const auto& one, const auto& other) {
    return !one || !other || *one == *other;
  };
  return rights_of(a) == rights_of(b) && same(a.user_obj, b.user_obj) &&
         same(a.group_obj, b.group_obj) && same(a.mask, b.mask) && same(a.other, b.other);
}

// What was accepted may be anything.
bool agree(const ContentWant& a, const ContentWant& b) {
  if (a.pinned || b.pinned) return true;
  return std::any_of(a.sha256.begin(), a.sha256.end(), [&b](const Sha256::Digest& digest) {
    return std::find(b.sha256.begin(), b.sha256.end(), digest) != b.sha256.end();
  });
}

bool agree(const TargetWant& a, const TargetWant& b) {
  return std::any_of(a.texts.begin(), a.texts.end(), [&b](const std::string& text) {
    return std::find(b.texts.begin(), b.texts.end(), text) != b.texts.end();
  });
}

// Whether some object of that type satisfies both of two demands on one aspect.
struct Agreement {
  const Policy& policy;
  const Want& other;
  Type type;

  template <class AspectWant>
  bool operator()(const AspectWant& want) const {
    return of(want, std::get<AspectWant>(other));
  }

 private:
  [[nodiscard]] static bool of(const PresenceWant& a, const PresenceWant& b) { return agree(a, b); }
  [[nodiscard]] static bool of(const TypeWant& a, const TypeWant& b) { return agree(a, b); }
  [[nodiscard]] bool of(const IdWant& a, const IdWant& b) const { return agree(policy, a, b); }
  [[nodiscard]] bool of(const ModeWant& a, const ModeWant& b) const {
    return agree(a.table(type), b.table(type));
  }
  [[nodiscard]] bool of(const AclWant& a, const AclWant& b) const { return agree(policy, a, b); }
  [[nodiscard]] bool of(const DefaultAclWant& a, const DefaultAclWant& b) const {
    return agree(policy, a, b);
  }
  [[nodiscard]] static bool of(const AttributesWant& a, const AttributesWant& b) {
    return (a.set & b.clear).empty() && (a.clear & b.set).empty();
  }
  [[nodiscard]] static bool of(const CapabilitiesWant& a, const CapabilitiesWant& b) {
    return a.value == b.value;
  }
  [[nodiscard]] static bool of(const LinksWant&, const LinksWant&) { return true; }
  // An empty directory meets all of them.
  [[nodiscard]] static bool of(const EntriesWant&, const EntriesWant&) { return true; }
  [[nodiscard]] static bool of(const TargetWant& a, const TargetWant& b) { return agree(a, b); }
  [[nodiscard]] static bool of(const ContentWant& a, const ContentWant& b) { return agree(a, b); }
};

}  // namespace

bool agree(const Policy& policy, const Clause& a, const Clause& b, Type type) {
  return std::visit(Agreement{policy, b.want, type}, a.want);
}

}  // namespace permward
