// SPDX-License-Identifier: Apache-2.0
// Writing ACLs for tests.
#pragma once

#include "model/acl.hpp"

#include <cerrno>
#include <string>
#include <sys/xattr.h>
#include <system_error>
#include <utility>
#include <vector>

namespace permward::test {

// setxattr(2) of the access ACL. Throws where it is refused.
inline void set_acl(const std::string& path, std::vector<AclEntry> entries) {
  const std::vector<std::byte> value = encode_acl(std::move(entries));
  if (setxattr(path.c_str(), "system.posix_acl_access", value.data(), value.size(), 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "set the ACL of " + path);
  }
}

// The ACL that makes the mode 0775 of a directory of root's, while only `uid` gains from it.
inline std::vector<AclEntry> acl_for_user(std::uint32_t uid, std::uint8_t rights,
                                          std::uint8_t mask) {
  return {{AclTag::user_obj, 7, 0},
          {AclTag::user, rights, uid},
          {AclTag::group_obj, 5, 0},
          {AclTag::mask, mask, 0},
          {AclTag::other, 5, 0}};
}

}  // namespace permward::test
