// SPDX-License-Identifier: Apache-2.0
#include "policy/check_accounts.hpp"

#include "policy/mistakes.hpp"
#include "policy/suggestions.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr const char* needs_it = "what needs it cannot be verified";

std::string failure_text(int error) {
  if (error == 0) return "no answer";
  return error == ETIMEDOUT ? "no answer in time" : std::strerror(error);
}

class AccountChecker {
 public:
  AccountChecker(const Policy& policy, Diagnostics& out) : policy_(policy), out_(out) {}

  void look_at(const Account& account, std::span<const std::string> names) {
    const std::string what = std::string(name(account.kind)) + " " + quoted(account.text);
    if (account.state == Account::State::unknown) {
      add(Code::unknown_account, account.pos, "no " + what,
          suggestions_.nearest_of(account.text, names, {}));
    } else if (account.state == Account::State::failed) {
      add(Code::account_lookup_failed, account.pos,
          "the name service failed on " + what + ": " + failure_text(account.error), needs_it);
    } else if (account.state == Account::State::unread) {
      add(Code::account_lookup_failed, account.pos,
          what + " cannot be looked up in " + std::string(account_file(account.kind)) + ": " +
              failure_text(account.error),
          needs_it);
    }
  }

  void look_at(const Rule& rule) {
    for (const Clause& clause : rule.clauses) {
      const auto* acl = std::get_if<AclWant>(&clause.want);
      if (acl == nullptr) continue;
      look_at(acl->at_most, clause);
      look_at(acl->at_least, clause);
    }
  }

 private:
  void look_at(const std::vector<AclWantEntry>& entries, const Clause& clause) {
    std::unordered_set<std::uint64_t> seen;
    for (const AclWantEntry& entry : entries) {
      const Account& account = policy_.accounts[entry.account];
      const std::uint64_t key = std::uint64_t{entry.tag == AclTag::group} << 32 | account.id;
      if (!account.found() || seen.insert(key).second) continue;
      add(Code::acl_entry_twice, clause.pos,
          "a second entry for the " + std::string(name(account.kind)) + " " + quoted(account.text),
          "a name and its number are one account");
    }
  }

  void add(Code code, Pos pos, std::string message, std::string help) {
    out_.push_back(
        diagnostic(code, policy_.files[pos.file].path, pos, std::move(message), std::move(help)));
  }

  const Policy& policy_;
  Diagnostics& out_;
  Suggestions suggestions_;
};

}  // namespace

void check_accounts(const Policy& policy, std::span<const std::string> user_names,
                    std::span<const std::string> group_names, Diagnostics& diagnostics) {
  AccountChecker checker(policy, diagnostics);
  for (const Account& account : policy.accounts) {
    checker.look_at(account, account.kind == AccountKind::user ? user_names : group_names);
  }
  for (const Rule& rule : policy.rules) checker.look_at(rule);
}

}  // namespace permward
