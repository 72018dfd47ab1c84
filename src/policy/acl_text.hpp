// SPDX-License-Identifier: Apache-2.0
//
// The text of ACL entries, as setfacl(1) takes it. Layer `policy`; pure: names are not looked up.
#pragma once

#include "model/acl.hpp"
#include "policy/parsed.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace permward {

struct AclText {
  AclTag tag = AclTag::user;  // `user`, `group` or `mask`
  std::string_view account;   // part of the text that was read; empty for the mask. Well formed
  std::uint8_t permissions = 0;
  bool x_if_any_x = false;
};

// "user:deploy:rw", "u:1001:6", "g:web:r-x", "mask::rwX". Permissions are letters, each at most
// once and in any order, with dashes anywhere, or one octal digit. Base entries and `default:` are
// refused, with the key that they belong to.
[[nodiscard]] Parsed<AclText> parse_acl_entry(std::string_view text);

}  // namespace permward
