// SPDX-License-Identifier: Apache-2.0
//
// Layer `policy`; values only.
#pragma once

#include "model/listed_user.hpp"

#include <functional>

namespace permward {

struct LoadOptions {
  bool lint = false;  // also warn of what is only advice: for `validate`
  // Lists the users of the machine; asked once a source, and only if a rule is expanded by them.
  // None: there are no users.
  std::function<ListedUsers(UserSource)> users;
};

}  // namespace permward
