// SPDX-License-Identifier: Apache-2.0
//
// Where names of users and groups come from. Layer `os`. The only place that asks NSS; under a root
// of its own `os/file_names.hpp` reads that root's files.
#pragma once

#include "model/accounts.hpp"
#include "model/listed_user.hpp"
#include "model/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward {

// All members may be called from several threads at once.
class NameService {
 public:
  struct Found {
    Account::State state = Account::State::unknown;  // never pending
    std::uint32_t id = 0;
    int error = 0;

    [[nodiscard]] bool answered() const {
      return state == Account::State::found || state == Account::State::unknown;
    }
  };

  virtual ~NameService() = default;
  // The id of a name. "Not there" and "did not answer" are different states.
  [[nodiscard]] virtual Found id_of(AccountKind kind, const std::string& name) = 0;
  // Whether an id has an account.
  [[nodiscard]] virtual Found has_account(AccountKind kind, std::uint32_t id) = 0;
  // The name of an id; empty where it has none, or none could be found out.
  [[nodiscard]] virtual std::string name_of(AccountKind kind, std::uint32_t id) = 0;
  // All users with their homes, in the order of the file, for rules that are expanded by them.
  // Errors: `unsupported` where that source is not to be asked; `io`, and those of reading.
  [[nodiscard]] virtual ListedUsers users(UserSource source) = 0;
  // All names that can be listed, for suggestions and nothing else.
  [[nodiscard]] virtual std::vector<std::string> names(AccountKind kind) = 0;
};

// The name service of this host, nsswitch.conf(5): getpwnam_r(3) and its kin. It is waited for as
// long as it takes; a run asks `TimedNames`.
class HostNames final : public NameService {
 public:
  [[nodiscard]] Found id_of(AccountKind kind, const std::string& name) override;
  [[nodiscard]] Found has_account(AccountKind kind, std::uint32_t id) override;
  [[nodiscard]] std::string name_of(AccountKind kind, std::uint32_t id) override;
  // `/etc/passwd` and `/etc/group`, or what getpwent(3) lists.
  [[nodiscard]] ListedUsers users(UserSource source) override;
  [[nodiscard]] std::vector<std::string> names(AccountKind kind) override;
};

// Of nobody a name is known: what is said of ids is said in numbers.
class NoNames final : public NameService {
 public:
  [[nodiscard]] Found id_of(AccountKind, const std::string&) override { return {}; }
  [[nodiscard]] Found has_account(AccountKind, std::uint32_t) override { return {}; }
  [[nodiscard]] std::string name_of(AccountKind, std::uint32_t) override { return ""; }
  [[nodiscard]] ListedUsers users(UserSource) override { return UserList(); }
  [[nodiscard]] std::vector<std::string> names(AccountKind) override { return {}; }
};

// Looks up every pending account of the policy, each once. Numbers are found as they stand and
// never reach the service.
void look_up(std::vector<Account>& accounts, NameService& service);

}  // namespace permward
