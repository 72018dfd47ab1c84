// SPDX-License-Identifier: Apache-2.0
//
// The state of an object as text, for the journal. Layer `store`; pure. One line of ASCII, a space
// between its members, always in this order; what stands in brackets is left out where there is
// none:
//
//   type=file owner=0 group=42 mode=0640
//   [acl=user::rw-,user:1000:r--,group::r--,mask::r--,other::---] [default_acl=…]
//   [capabilities=2400/0/e/0] [attributes=ia] [target=../a%20b] [content=…]
//
// Capabilities: permitted and inheritable in hexadecimal, `e` where they are effective and else
// `-`, the root id. Attributes: the letters of chattr(1). Of a link's target every byte but
// `A-Za-z0-9._/-` is `%` and two digits. Content: its SHA-256 in hexadecimal.
#pragma once

#include "model/object_state.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace permward {

// Different states have different texts, equal ones the same. The ACLs are in `acl_order`, as an
// `ObjectState` has them, their permissions 0 to 7.
[[nodiscard]] std::string state_text(const ObjectState& state);
// The same, appended to `out`.
void append_state_text(std::string& out, const ObjectState& state);

// What `state_text` was made of. Nothing where it could not have made `text`: a member that is
// unknown, missing, twice or out of order, a number out of bounds (an owner and a group are at most
// 4294967294, the mode 07777) or written otherwise, an ACL that is not in order or larger than an
// extended attribute, a text over `most_state_text`.
[[nodiscard]] std::optional<ObjectState> parse_state(std::string_view text);

inline constexpr std::size_t most_state_text = std::size_t{1} << 20;  // bytes

}  // namespace permward
