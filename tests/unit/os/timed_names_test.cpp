// SPDX-License-Identifier: Apache-2.0
#include "os/timed_names.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace std::chrono_literals;

namespace {

// Knows alice (1001) alone; hangs over "stuck" and 6666, dies of "deadly", fails on "down".
class IllNames final : public NameService {
 public:
  Found id_of(AccountKind kind, const std::string& name) override {
    if (name == "stuck") hang();
    if (name == "deadly") std::abort();
    if (name == "down") return {Account::State::failed, 0, EIO};
    if (kind == AccountKind::user && name == "alice") return {Account::State::found, 1001, 0};
    return {};
  }
  Found has_account(AccountKind, std::uint32_t id) override {
    if (id == 6666) hang();
    return {id == 1001 ? Account::State::found : Account::State::unknown, id, 0};
  }
  std::string name_of(AccountKind, std::uint32_t id) override {
    if (id == 6666) hang();
    return id == 1001 ? "alice" : "";
  }
  ListedUsers users(UserSource source) override {
    if (source == UserSource::passwd) return system_error(EFBIG, "read", "/etc/passwd");
    if (endless) hang();
    UserList out;
    out.users = {{"alice", 1001, "web", "/home/alice"}, {"bob", 4294967294, "7", ""}};
    out.left_out = 40;
    out.first_left_out = {{"the user 'a b'", "a blank"}, {"the user ''", ""}};
    return out;
  }
  std::vector<std::string> names(AccountKind) override {
    if (endless) hang();
    return {"alice", "bob"};
  }

  bool endless = false;

 private:
  static void hang() { std::this_thread::sleep_for(1h); }
};

NameLimits short_limits() { return {50ms, 50ms, 1h, 1ms}; }

std::unique_ptr<IllNames> endless() {
  auto out = std::make_unique<IllNames>();
  out->endless = true;
  return out;
}

}  // namespace

TEST_CASE("answers are those of the service") {
  TimedNames names(std::make_unique<IllNames>());
  REQUIRE(names.id_of(AccountKind::user, "alice").state == Account::State::found);
  REQUIRE(names.id_of(AccountKind::user, "alice").id == 1001);
  REQUIRE(names.id_of(AccountKind::group, "alice").state == Account::State::unknown);
  REQUIRE(names.id_of(AccountKind::user, "").state == Account::State::unknown);
  const NameService::Found down = names.id_of(AccountKind::user, "down");
  REQUIRE(down.state == Account::State::failed);
  REQUIRE(down.error == EIO);
  REQUIRE(names.has_account(AccountKind::user, 1001).state == Account::State::found);
  REQUIRE(names.has_account(AccountKind::user, 4294967295).id == 4294967295);
  REQUIRE(names.name_of(AccountKind::user, 1001) == "alice");
  REQUIRE(names.name_of(AccountKind::user, 5).empty());
  REQUIRE(names.names(AccountKind::group) == std::vector<std::string>{"alice", "bob"});
}

TEST_CASE("the list of users comes as it was, and so does its error") {
  TimedNames names(std::make_unique<IllNames>());
  const UserList list = names.users(UserSource::nss).value();
  REQUIRE(list.users.size() == 2);
  REQUIRE(list.users[0].name == "alice");
  REQUIRE(list.users[0].uid == 1001);
  REQUIRE(list.users[0].group == "web");
  REQUIRE(list.users[0].home == "/home/alice");
  REQUIRE(list.users[1].uid == 4294967294);
  REQUIRE(list.users[1].home.empty());
  REQUIRE(list.left_out == 40);
  REQUIRE(list.first_left_out.size() == 2);
  REQUIRE(list.first_left_out[0].why == "a blank");
  REQUIRE(list.first_left_out[1].what == "the user ''");

  const ListedUsers file = names.users(UserSource::passwd);
  REQUIRE(file.error().number == EFBIG);
  REQUIRE(file.error().subject == "/etc/passwd");
}

TEST_CASE("a service that hangs has failed, and answers what it can afterwards - T97") {
  TimedNames names(std::make_unique<IllNames>(), short_limits());
  const NameService::Found stuck = names.id_of(AccountKind::user, "stuck");
  REQUIRE(stuck.state == Account::State::failed);
  REQUIRE(stuck.error == ETIMEDOUT);
  REQUIRE(names.has_account(AccountKind::user, 6666).error == ETIMEDOUT);
  REQUIRE(names.name_of(AccountKind::group, 6666).empty());
}

TEST_CASE("who is known is found beside a name that is never found out - T97") {
  NameLimits limits;
  limits.answer = 2s;  // long enough for an answer on any machine
  TimedNames names(std::make_unique<IllNames>(), limits);
  for (const char* ill : {"stuck", "deadly"}) {
    REQUIRE(names.id_of(AccountKind::user, ill).state == Account::State::failed);
    REQUIRE(names.id_of(AccountKind::user, "alice").id == 1001);
  }
}

TEST_CASE("waiting in vain has an end, however many names hang - T97") {
  // An hour each, if it were not for the end of all.
  TimedNames names(std::make_unique<IllNames>(), {1h, 1h, 20ms, 1ms});
  for (int name = 0; name < 50; ++name) {
    REQUIRE(names.id_of(AccountKind::user, "stuck").error == ETIMEDOUT);
  }
}

TEST_CASE("a service that dies has failed, without a number - T97") {
  TimedNames names(std::make_unique<IllNames>());
  const NameService::Found dead = names.id_of(AccountKind::group, "deadly");
  REQUIRE(dead.state == Account::State::failed);
  REQUIRE(dead.error == 0);
}

TEST_CASE("a list without an end is an error, and suggests nobody - T97") {
  TimedNames names(endless(), short_limits());
  REQUIRE(names.users(UserSource::nss).error().number == ETIMEDOUT);
  REQUIRE(names.names(AccountKind::user).empty());
}

TEST_CASE("no name is waited for once the run is to stop - T97") {
  const std::atomic<bool> stop{true};
  TimedNames names(std::make_unique<IllNames>(), {}, &stop);
  REQUIRE(names.id_of(AccountKind::user, "stuck").error == ECANCELED);
}

TEST_CASE("several threads, and a process that was forked off, ask at once") {
  TimedNames names(std::make_unique<IllNames>());
  REQUIRE(names.id_of(AccountKind::user, "alice").id == 1001);
  const pid_t child = ::fork();
  if (child == 0) {
    int right = 0;
    for (int round = 0; round < 200; ++round) {
      right += names.name_of(AccountKind::user, 1001) == "alice" ? 1 : 0;
    }
    ::_exit(right == 200 ? 0 : 1);
  }
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t id = 1000; id < 1100; ++id) {
        if (names.has_account(AccountKind::user, id).id == id) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(right == 400);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}
