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

// Whose entries a text is of: the default ACL's may be base entries, which `mode` says of the
// other.
enum class AclKind : std::uint8_t { access, default_acl };

struct AclText {
  AclTag tag = AclTag::user;
  std::string_view account;  // part of the text that was read, well formed; of named entries
  std::uint8_t permissions = 0;
  bool x_if_any_x = false;
};

// "user:deploy:rw", "u:1001:6", "g:web:r-x", "mask::rwX". Permissions are letters, each at most
// once and in any order, with dashes anywhere, or one octal digit. Base entries of the access ACL
// and `default:` are refused, with the key that they belong to.
[[nodiscard]] Parsed<AclText> parse_acl_entry(std::string_view text, AclKind kind);

}  // namespace permward
