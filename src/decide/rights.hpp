// SPDX-License-Identifier: Apache-2.0
//
// Mode and ACL of one object, as a demand looks at them together. Layer `decide`; pure.
// acl(5): with an ACL the group bits of the mode are the mask; the owning group's rights are
// `group::`.
#pragma once

#include "decide/demand.hpp"
#include "model/acl.hpp"
#include "model/observation.hpp"

#include <cstdint>
#include <optional>

namespace permward {

// The mode that a demand of that form speaks of: what stat(2) shows, or, where the demand decides
// `acl` too and the object has one, the base entries. `group_as_stated` takes `group::` as it
// stands, else it is cut by the mask. False `known`: the ACL could not be read.
struct BaseMode {
  bool known = true;
  unsigned mode = 0;
};
[[nodiscard]] BaseMode base_mode(const Demand& demand, const Observed& observed,
                                 bool group_as_stated);

// The base mode as all deciding mode clauses leave it. Only where `base_mode(...).known`.
[[nodiscard]] unsigned wanted_mode(const Demand& demand, const Observed& observed);

// `base`, a mode that `base_mode` gave, as one deciding clause leaves it: `X` is read as the object
// has it, and then as all deciding clauses leave it.
[[nodiscard]] unsigned mode_left_by(const ModeTable& clause, unsigned base, const Demand& demand,
                                    const Observed& observed);

// True if somebody may execute the object by its mode and ACL, or it is a directory: what `X` asks.
[[nodiscard]] bool anybody_executes(const Observed& observed);

// The rights that an entry of the policy stands for on this object.
[[nodiscard]] unsigned stated_rights(const AclWantEntry& entry, const Observed& observed);

// What `user::`, `group::`, `other::` and `mask::` of a directory's default ACL are to be: as the
// demand names them, or as they are, or, where there is no default ACL yet, as the access ACL has
// them (setfacl(1)). The mask, where it is not named, is the union of the named entries and the
// owning group's rights; without named entries there is none.
[[nodiscard]] unsigned wanted_default_base(const DefaultAclWant& want, const Observed& observed,
                                           AclTag tag);
[[nodiscard]] std::optional<unsigned> wanted_default_mask(const DefaultAclWant& want,
                                                          const Observed& observed);

// The mask of an exact ACL demand: the one stated, or the union of the named entries and the owning
// group's rights as the demand leaves them, as setfacl(1) computes it.
[[nodiscard]] unsigned wanted_mask(const AclWant& want, const Demand& demand,
                                   const Observed& observed);

}  // namespace permward
