// SPDX-License-Identifier: Apache-2.0
//
// The users and groups that a policy names, each once. Layer `policy`; pure.
#pragma once

#include "model/accounts.hpp"
#include "model/pos.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace permward {

class AccountTable {
 public:
  // The index of the account; a number is found as it stands. `text` is well formed.
  std::uint32_t add(AccountKind kind, const std::string& text, Pos pos);

  [[nodiscard]] std::vector<Account> take() { return std::move(accounts_); }

 private:
  std::vector<Account> accounts_;
  std::unordered_map<std::string, std::uint32_t> users_;
  std::unordered_map<std::string, std::uint32_t> groups_;
};

}  // namespace permward
