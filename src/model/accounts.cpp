// SPDX-License-Identifier: Apache-2.0
#include "model/accounts.hpp"

#include <charconv>

namespace permward {
namespace {

constexpr std::size_t longest_account_name = 256;
constexpr std::string_view punctuation = "_-.@\\";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::optional<std::uint32_t> id_of_text(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
  }
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id > greatest_id) {
    return std::nullopt;
  }
  return id;
}

bool valid_account_name(std::string_view text) {
  if (text.empty() || text.size() > longest_account_name) return false;
  if (text.back() == '$' && text.size() > 1) text.remove_suffix(1);
  if (!is_letter(text[0]) && text[0] != '_') return false;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && punctuation.find(c) == punctuation.npos) return false;
  }
  return true;
}

void AccountNames::learn(AccountKind kind, std::uint32_t id, std::string name) {
  (kind == AccountKind::user ? users_ : groups_).emplace(id, std::move(name));
}

void AccountNames::learn_unnamed(AccountKind kind, std::uint32_t id) { learn(kind, id, ""); }

const std::string* AccountNames::find(AccountKind kind, std::uint32_t id) const {
  const Table& table = kind == AccountKind::user ? users_ : groups_;
  if (const auto it = table.find(id); it != table.end()) return &it->second;
  return shared_ != nullptr ? shared_->find(kind, id) : nullptr;
}

bool AccountNames::knows(AccountKind kind, std::uint32_t id) const {
  return find(kind, id) != nullptr;
}

std::string AccountNames::text(AccountKind kind, std::uint32_t id) const {
  const std::string* name = find(kind, id);
  return name != nullptr && !name->empty() ? *name : std::to_string(id);
}

}  // namespace permward
