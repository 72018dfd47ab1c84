// SPDX-License-Identifier: Apache-2.0
#include "policy/account_table.hpp"

namespace permward {

std::uint32_t AccountTable::add(AccountKind kind, const std::string& text, Pos pos) {
  auto& indices = kind == AccountKind::user ? users_ : groups_;
  const auto [it, added] = indices.emplace(text, static_cast<std::uint32_t>(accounts_.size()));
  if (!added) return it->second;
  Account account;
  account.kind = kind;
  account.text = text;
  account.pos = pos;
  if (const auto id = id_of_text(text)) {
    account.state = Account::State::found;
    account.id = *id;
  }
  accounts_.push_back(std::move(account));
  return it->second;
}

}  // namespace permward
