// SPDX-License-Identifier: Apache-2.0
#include "policy/account_text.hpp"

#include "policy/words.hpp"

#include <algorithm>

namespace permward {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string id_help() {
  return "an id is decimal, 0 to " + std::to_string(greatest_id) + ", without a sign";
}

bool looks_like_a_number(std::string_view text) {
  const std::size_t first = text[0] == '-' || text[0] == '+' ? 1 : 0;
  return first < text.size() && is_digit(text[first]);
}

}  // namespace

std::optional<TextError> account_mistake(AccountKind kind, std::string_view text) {
  if (id_of_text(text) || valid_account_name(text)) return std::nullopt;
  const std::string noun(name(kind));
  if (text.empty())
    return TextError{Code::bad_account, "the " + noun + " is empty", "write a name or an id"};
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    return TextError{Code::bad_account, quoted(text) + " is not one " + noun,
                     "write the user in 'owner' and the group in 'group'", colon};
  }
  if (looks_like_a_number(text)) {
    return TextError{Code::bad_account, quoted(text) + " is neither a " + noun + " nor an id",
                     id_help()};
  }
  return TextError{
      Code::bad_account, quoted(text) + " cannot be the name of a " + noun,
      "a name has letters, digits, '_', '-', '.', '@' and backslashes, and no digit or "
      "'-' first"};
}

Parsed<std::string> account_of_number(AccountKind kind, std::int64_t number) {
  if (number >= 0 && number <= std::int64_t{greatest_id}) return std::to_string(number);
  return TextError{Code::bad_account,
                   std::to_string(number) + " is not the id of a " + std::string(name(kind)),
                   id_help()};
}

}  // namespace permward
