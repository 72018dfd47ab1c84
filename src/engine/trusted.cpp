// SPDX-License-Identifier: Apache-2.0
#include "engine/trusted.hpp"

namespace permward {

Principals trusted_by(const Policy& policy, const Rule& rule) {
  Principals out;
  for (const TrustedPrincipal& one : rule.trust) {
    if (one.everyone) {
      out.anyone = true;
      continue;
    }
    const Account& account = policy.accounts[one.account];
    if (!account.found()) continue;
    if (account.kind == AccountKind::user) out.add_user(account.id);
    if (account.kind == AccountKind::group) out.add_group(account.id);
  }
  return out;
}

}  // namespace permward
