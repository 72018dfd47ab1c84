// SPDX-License-Identifier: Apache-2.0
#include "policy/check_accounts.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <cerrno>
#include <map>
#include <string>

namespace permward::test {
namespace {

struct Answer {
  Account::State state = Account::State::found;
  std::uint32_t id = 0;
  int error = 0;
};

// What is said of the rule's accounts after they were looked up; what is not in `answers` is
// unknown.
Diagnostics checked(std::string_view keys, const std::map<std::string, Answer>& answers) {
  Loaded loaded = load_rule(keys);
  for (Account& account : loaded.policy.accounts) {
    if (account.found()) continue;
    const auto it = answers.find(account.text);
    account.state = it == answers.end() ? Account::State::unknown : it->second.state;
    account.id = it == answers.end() ? 0 : it->second.id;
    account.error = it == answers.end() ? 0 : it->second.error;
  }
  const Strings users = {"root", "daemon"};
  const Strings groups = {"root", "shadow"};
  check_accounts(loaded.policy, users, groups, loaded.diagnostics);
  return loaded.diagnostics;
}

TEST_CASE("accounts that are there are not mentioned") {
  CHECK(checked("owner = ['a', 0]", {{"a", {}}}).empty());
}

TEST_CASE("an unknown account is a warning with the nearest name of its kind") {
  const Diagnostics out = checked("group = 'shaddow'\nowner = 'shadow'", {});
  REQUIRE(out.size() == 2);
  CHECK(out[0].code == "W0607");
  CHECK(out[0].severity == Diagnostic::Severity::warning);
  CHECK(out[0].message == "no group 'shaddow'");
  CHECK(out[0].help == "did you mean 'shadow'?");
  CHECK(out[0].file == "p.toml");
  CHECK(out[0].line == 5);
  CHECK(out[0].column == 10);
  CHECK(out[1].message == "no user 'shadow'");
  CHECK(out[1].help.empty());
}

TEST_CASE("T24 a lookup that failed is something else than an unknown name") {
  const Diagnostics out =
      checked("owner = ['a', 'b', 'c']", {{"a", {Account::State::failed, 0, EIO}},
                                          {"b", {Account::State::failed, 0, 0}},
                                          {"c", {Account::State::unread, 0, ENOENT}}});
  REQUIRE(out.size() == 3);
  CHECK(out[0].code == "W0608");
  CHECK(out[0].message == "the name service failed on user 'a': Input/output error");
  CHECK(out[1].message == "the name service failed on user 'b': no answer");
  CHECK(out[2].message == "user 'c' cannot be looked up in /etc/passwd: No such file or directory");
  CHECK(out[2].code == "W0608");
}

TEST_CASE("a name and its number in one ACL are one entry twice") {
  const Diagnostics out = checked("acl = ['u:root:r', 'u:0:rw', 'g:0:r']", {{"root", {}}});
  REQUIRE(out.size() == 1);
  CHECK(out[0].code == "E0422");
  CHECK(out[0].message == "a second entry for the user '0'");
  CHECK(checked("acl = { at_most = ['u:a:r'], at_least = ['u:0:r', 'u:a:---'] }", {{"a", {}}})
            .size() == 2);  // the bounds, which cannot know, and the list below
  CHECK(checked("acl = ['u:x:r', 'u:y:r']\n", {}).size() == 2);  // unknown ones are not the same
}

}  // namespace
}  // namespace permward::test
