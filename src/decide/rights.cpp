// SPDX-License-Identifier: Apache-2.0
#include "decide/rights.hpp"

#include <cassert>

namespace permward {

BaseMode base_mode(const Demand& demand, const Observed& observed, bool group_as_stated) {
  if (!demand.mode_is_base) return {true, observed.mode};
  assert(observed.acl.state != Read::not_asked);
  if (observed.acl.state == Read::unsupported) return {true, observed.mode};
  if (observed.acl.state == Read::unreadable) return {false, 0};
  const AclView& acl = observed.acl.value;
  const auto group = acl.find(AclTag::group_obj);
  if (!group) return {true, observed.mode};
  const unsigned rights = group_as_stated ? group->permissions : acl.masked(group->permissions);
  return {true, (observed.mode & ~070U) | rights << 3};
}

unsigned wanted_mode(const Demand& demand, const Observed& observed) {
  return settled(base_mode(demand, observed, false).mode, demand.screen.mode);
}

unsigned mode_left_by(const ModeTable& clause, unsigned base, const Demand& demand,
                      const Observed& observed) {
  unsigned all = base_mode(demand, observed, false).mode;
  for (int round = 0; round < 4; ++round) {  // the last one with what is `settled`
    const unsigned index = execute_index(all);
    base = corrected(base, clause.rows[index]);
    all = corrected(all, demand.screen.mode.rows[index]);
  }
  return base;
}

bool anybody_executes(const Observed& observed) {
  if (observed.type == Type::directory) return true;
  const AclView& acl = observed.acl.value;
  if (observed.acl.state != Read::value || acl.empty()) return (observed.mode & 0111) != 0;
  for (std::size_t i = 0; i < acl.size(); ++i) {
    const AclEntry entry = acl[i];
    const bool bounded = entry.named() || entry.tag == AclTag::group_obj;
    if (entry.tag == AclTag::mask) continue;
    if (((bounded ? acl.masked(entry.permissions) : entry.permissions) & 1) != 0) return true;
  }
  return false;
}

unsigned stated_rights(const AclWantEntry& entry, const Observed& observed) {
  const bool x = entry.x_if_any_x && anybody_executes(observed);
  return entry.permissions | (x ? 1U : 0U);
}

unsigned wanted_default_base(const DefaultAclWant& want, const Observed& observed, AclTag tag) {
  const auto& stated = tag == AclTag::user_obj    ? want.user_obj
                       : tag == AclTag::group_obj ? want.group_obj
                                                  : want.other;
  if (stated) return *stated;
  const AclView& acl = observed.default_acl.value;
  const auto there = (acl.empty() ? observed.acl.value : acl).find(tag);
  if (there) return there->permissions;
  const unsigned shift = tag == AclTag::user_obj ? 6 : tag == AclTag::group_obj ? 3 : 0;
  return observed.mode >> shift & 7;
}

std::optional<unsigned> wanted_default_mask(const DefaultAclWant& want, const Observed& observed) {
  if (want.mask) return *want.mask;
  if (want.named.empty()) return std::nullopt;
  unsigned mask = wanted_default_base(want, observed, AclTag::group_obj);
  for (const AclWantEntry& entry : want.named) mask |= entry.permissions;
  return mask;
}

unsigned wanted_mask(const AclWant& want, const Demand& demand, const Observed& observed) {
  if (want.mask_at_most) return stated_rights(*want.mask_at_most, observed);
  unsigned mask = (wanted_mode(demand, observed) >> 3) & 7;
  for (const AclWantEntry& entry : want.at_most) mask |= stated_rights(entry, observed);
  return mask;
}

}  // namespace permward
