// SPDX-License-Identifier: Apache-2.0
#include "os/name_service.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>

using namespace permward;

namespace {

// Knows alice (1001) and the group web (33), fails for whom it is told to, and counts.
class FakeNames final : public NameService {
 public:
  Found id_of(AccountKind kind, const std::string& name) override {
    asked.push_back(name);
    if (name == "down") return {Account::State::failed, 0, EIO};
    if (kind == AccountKind::user && name == "alice") return {Account::State::found, 1001, 0};
    if (kind == AccountKind::group && name == "web") return {Account::State::found, 33, 0};
    return {};
  }
  Found has_account(AccountKind, std::uint32_t) override { return {}; }
  ListedUsers users(UserSource) override { return UserList(); }
  std::string name_of(AccountKind, std::uint32_t) override { return ""; }
  std::vector<std::string> names(AccountKind) override { return {}; }

  std::vector<std::string> asked;
};

Account account(AccountKind kind, std::string text) {
  Account out;
  out.kind = kind;
  out.text = std::move(text);
  return out;
}

}  // namespace

TEST_CASE("the accounts of a policy are looked up, each for what it is") {
  std::vector<Account> accounts = {
      account(AccountKind::user, "alice"), account(AccountKind::group, "alice"),
      account(AccountKind::group, "web"), account(AccountKind::user, "down")};
  FakeNames names;
  look_up(accounts, names);
  REQUIRE(accounts[0].state == Account::State::found);
  REQUIRE(accounts[0].id == 1001);
  REQUIRE(accounts[1].state == Account::State::unknown);
  REQUIRE(accounts[2].id == 33);
  REQUIRE(accounts[3].state == Account::State::failed);
  REQUIRE(accounts[3].error == EIO);
}

TEST_CASE("numbers, and what was looked up before, never reach the name service") {
  std::vector<Account> accounts = {account(AccountKind::user, "0"),
                                   account(AccountKind::group, "4294967294"),
                                   account(AccountKind::user, "alice")};
  FakeNames names;
  look_up(accounts, names);
  look_up(accounts, names);
  REQUIRE(accounts[0].found());
  REQUIRE(accounts[0].id == 0);
  REQUIRE(accounts[1].id == 4294967294);
  REQUIRE(names.asked == std::vector<std::string>{"alice"});
}

TEST_CASE("the host knows root by name and by number") {
  HostNames names;
  for (const AccountKind kind : {AccountKind::user, AccountKind::group}) {
    const NameService::Found root = names.id_of(kind, "root");
    REQUIRE(root.state == Account::State::found);
    REQUIRE(root.id == 0);
    REQUIRE(names.name_of(kind, 0) == "root");
    const auto all = names.names(kind);
    REQUIRE(std::find(all.begin(), all.end(), "root") != all.end());
  }
}

TEST_CASE("who has no account on the host is unknown, which is no failure") {
  HostNames names;
  for (const AccountKind kind : {AccountKind::user, AccountKind::group}) {
    const NameService::Found nobody = names.id_of(kind, "no-such-account-here");
    REQUIRE(nobody.state == Account::State::unknown);
    REQUIRE(nobody.error == 0);
    REQUIRE(names.name_of(kind, 4123456789).empty());
  }
}

TEST_CASE("the host answers several threads at once") {
  HostNames names;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&names, &right] {
      for (int round = 0; round < 20; ++round) {
        if (names.id_of(AccountKind::user, "root").id == 0) ++right;
        if (!names.names(AccountKind::group).empty()) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(right == 160);
}

TEST_CASE("an id has an account or none, and that is an answer") {
  HostNames names;
  for (const AccountKind kind : {AccountKind::user, AccountKind::group}) {
    REQUIRE(names.has_account(kind, 0).state == Account::State::found);
    REQUIRE(names.has_account(kind, 3999999999).state == Account::State::unknown);
  }
}
