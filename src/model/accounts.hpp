// SPDX-License-Identifier: Apache-2.0
//
// Users and groups as values: those that a policy names, and the names of ids for reports.
// Layer `model`; pure. Who looks names up is `os/name_service.hpp`.
#pragma once

#include "model/pos.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace permward {

enum class AccountKind : std::uint8_t { user, group };
[[nodiscard]] constexpr std::string_view name(AccountKind kind) {
  return kind == AccountKind::user ? "user" : "group";
}

// The greatest id; 4294967295 is "no change" to chown(2).
inline constexpr std::uint32_t greatest_id = 4294967294;

// The id that `text` writes: decimal digits, nothing else, 0 to `greatest_id`. A leading zero is
// allowed only in "0".
[[nodiscard]] std::optional<std::uint32_t> id_of_text(std::string_view text);

// Whether `text` can name an account: a letter or underscore, then letters, digits, `_`, `-`, `.`,
// `@` and backslash, at the end perhaps a `$`; at most 256 bytes (useradd(8), and what directory
// services add to it: upper case, dots, `user@domain`, `DOMAIN\user`). What it refuses includes
// blanks, control characters, colons, signs and a leading digit.
[[nodiscard]] bool valid_account_name(std::string_view text);

// The file that has all accounts of a kind where no name service is asked.
[[nodiscard]] constexpr std::string_view account_file(AccountKind kind) {
  return kind == AccountKind::user ? "/etc/passwd" : "/etc/group";
}

// One user or group that a policy names, and what became of looking it up.
struct Account {
  enum class State : std::uint8_t {
    pending,  // not looked up yet
    found,
    unknown,  // the name service answered: there is none
    failed,   // it did not answer; `error` is its errno, 0 where it gave none
    unread,   // nor did the file that has all of its kind, `error` being why it cannot be read
  };

  AccountKind kind = AccountKind::user;
  std::string text;  // as written: a name or a number
  State state = State::pending;
  std::uint32_t id = 0;  // of `found`
  int error = 0;
  Pos pos;  // where the policy names it first

  [[nodiscard]] bool found() const { return state == State::found; }
};

// Names of ids, for what people read. A worker's own table extends a shared one: what it learns is
// seen by it alone, and the shared one never changes.
class AccountNames {
 public:
  AccountNames() = default;
  explicit AccountNames(const AccountNames* shared) : shared_(shared) {}

  void learn(AccountKind kind, std::uint32_t id,
             std::string name);  // the first name of an id stays
  void learn_unnamed(AccountKind kind, std::uint32_t id);
  // False where nothing was learnt of the id, not even that it has no name.
  [[nodiscard]] bool knows(AccountKind kind, std::uint32_t id) const;
  // The name, or the number where there is none.
  [[nodiscard]] std::string text(AccountKind kind, std::uint32_t id) const;

 private:
  using Table = std::unordered_map<std::uint32_t, std::string>;  // empty: has no name
  [[nodiscard]] const std::string* find(AccountKind kind, std::uint32_t id) const;

  const AccountNames* shared_ = nullptr;
  Table users_;
  Table groups_;
};

}  // namespace permward
