// SPDX-License-Identifier: Apache-2.0
#include "policy/users.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <cerrno>
#include <string>

namespace permward::test {
namespace {

LoadOptions with(std::vector<ListedUser> users) {
  LoadOptions options;
  options.users = [users = std::move(users)](UserSource) {
    return ListedUsers(UserList{users, 0, {}});
  };
  return options;
}

const std::vector<ListedUser> some = {
    {"root", 0, "root", "/root"},
    {"alice", 1000, "alice", "/home/alice"},
    {"bob", 1001, "100", "/home//bob/"},
    {"nobody", 65534, "nogroup", "/nonexistent"},
};

Strings paths(const Loaded& loaded) {
  Strings out;
  for (const Rule& rule : loaded.policy.rules) {
    for (const RulePath& path : rule.paths) out.push_back(path.pattern.text);
  }
  return out;
}

TEST_CASE("a rule that uses a variable of users stands there once for each of them") {
  const Loaded loaded = load_rule("owner = '${user}'\ngroup = '${group}'\ntitle = 'of ${user}'",
                                  "${home}/.ssh", with(some));
  REQUIRE(loaded.diagnostics.empty());
  CHECK(paths(loaded) == Strings{"/home/alice/.ssh", "/home/bob/.ssh"});
  CHECK(loaded.policy.rules[1].id == "r");
  CHECK(loaded.policy.rules[1].title == "of bob");
  Strings accounts;
  for (const Account& account : loaded.policy.accounts) accounts.push_back(account.text);
  CHECK(accounts == Strings{"alice", "alice", "bob", "100"});
  CHECK(count_rules(loaded.policy, [](const Rule&) { return true; }) == 1);
}

TEST_CASE("what a user has is optional unless the rule says otherwise") {
  const auto presence = [](std::string_view keys) {
    const Loaded loaded = load_rule(keys, "${home}/.ssh", with({some[1]}));
    return want_of<PresenceWant>(loaded, Aspect::presence).presence;
  };
  CHECK(presence("owner = '${user}'") == Presence::optional);
  CHECK(presence("owner = '${user}'\npresence = 'required'") == Presence::required);
  CHECK(presence("title = 'it demands nothing else'") == Presence::required);
}

TEST_CASE("users are those of a range, but for the ones that are excluded") {
  const auto chosen = [](const std::string& users) {
    return paths(load_rule("users = " + users, "${home}", with(some)));
  };
  CHECK(chosen("{ min_uid = 0 }") == Strings{"/root", "/home/alice", "/home/bob"});
  CHECK(chosen("{ max_uid = 1000 }") == Strings{"/home/alice"});
  CHECK(chosen("{ exclude = ['alice', 'nosuch'] }") == Strings{"/home/bob"});
  CHECK(chosen("{ max_uid = 4294967294 }") == Strings{"/home/alice", "/home/bob", "/nonexistent"});
}

TEST_CASE("a home that no rule can be about leaves its user out, with a warning") {
  const auto warned = [](const std::string& home) {
    const Loaded loaded =
        load_rule("mode = '0755'", "${home}", with({{"eve", 1000, "eve", home}, some[1]}));
    CHECK(paths(loaded) == Strings{"/home/alice"});
    return only_mistake(loaded);
  };
  const std::string help = " (name it in 'exclude', or give it a home)";
  CHECK(warned("") == "the user 'eve' is left out: its home is empty" + help);
  CHECK(warned("/") == "the user 'eve' is left out: its home is '/'" + help);
  CHECK(warned("///") == "the user 'eve' is left out: its home is '/'" + help);
  CHECK(warned("home/eve") == "the user 'eve' is left out: its home 'home/eve' is relative" + help);
  CHECK(warned("/home/../etc").find("is left out") != std::string::npos);
  CHECK(warned("/home/./eve").find("is left out") != std::string::npos);
  CHECK(warned("/" + std::string(300, 'x')).find("is left out") != std::string::npos);
  CHECK(places(load_rule("users = {}\nmode = '0755'", "${home}",
                         with({{"eve", 1000, "eve", ""}}))) == Strings{"W0609 5:1"});
}

TEST_CASE("who cannot be listed is told once, at the first rule that is expanded by users") {
  LoadOptions options;
  UserList list{some, 3, {{"line 7 of /etc/passwd", "the number of fields is wrong"}}};
  options.users = [&list](UserSource) { return ListedUsers(list); };
  const std::string text =
      "[[rule]]\nid = 'a'\npath = '${home}/a'\nowner = '${user}'\nusers = {}\n"
      "[[rule]]\nid = 'b'\npath = '${home}/b'\nowner = '${user}'\n";
  const Loaded loaded = load_text(text, options);
  CHECK(places(loaded) == Strings{"W0609 6:1", "W0609 6:1"});
  CHECK(loaded.diagnostics.at(0).message ==
        "line 7 of /etc/passwd is left out: the number of fields is wrong");
  CHECK(loaded.diagnostics.at(1).message == "there are 2 more left out");
  list.left_out = 2;
  CHECK(load_text(text, options).diagnostics.at(1).message == "there is 1 more left out");
  list.left_out = 1;
  CHECK(load_text(text, options).diagnostics.size() == 1);
}

TEST_CASE("of two users with one home the first counts") {
  CHECK(paths(load_rule("owner = '${user}'", "${home}",
                        with({{"a", 1000, "a", "/srv"}, {"b", 1001, "b", "/srv/"}}))) ==
        Strings{"/srv"});
}

TEST_CASE("a home is text and never a glob") {
  const std::string home = "/home/*[a]{b,c}\\?";
  const Loaded loaded = load_rule("owner = 'root'\nrecurse = true\nexclude = ['${user}*']",
                                  "${home}/x*", with({{"d", 1000, "d", home}}));
  REQUIRE(loaded.diagnostics.empty());
  const Pattern& pattern = loaded.policy.rules.at(0).paths.at(0).pattern;
  CHECK(pattern.head == Strings{"home", "*[a]{b,c}\\?"});
  CHECK(pattern.tail.size() == 1);
}

TEST_CASE("where there is no user a rule stands there without a path, and its mistakes are told") {
  const Loaded loaded = load_rule("owner = '${user}'", "${home}");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.policy.rules.size() == 1);
  CHECK(paths(loaded).empty());
  CHECK(loaded.policy.accounts.empty());
  CHECK(codes_of(load_rule("mode = '9'", "${home}")) == Strings{"E0411"});
  // Once, however many users there are.
  CHECK(codes_of(load_rule("mode = '9'", "${home}", with(some))) == Strings{"E0411"});
}

TEST_CASE("users that cannot be listed are an error, told once") {
  LoadOptions options;
  int asked = 0;
  options.users = [&asked](UserSource source) {
    ++asked;
    CHECK(source == UserSource::nss);
    return ListedUsers(Error{ErrorKind::io, "list the users of the name service", "", EIO});
  };
  const Loaded loaded = load_text(
      "[[rule]]\nid = 'a'\npath = '${home}/a'\nusers = { source = 'nss' }\n"
      "[[rule]]\nid = 'b'\npath = '${home}/b'\nusers.source = 'nss'\n",
      options);
  CHECK(asked == 1);
  CHECK(places(loaded) == Strings{"E0505 5:1"});
  CHECK(loaded.diagnostics.at(0).message.starts_with(
      "the users cannot be listed: could not list the users of the name service"));
}

TEST_CASE("users without a use are a warning, and a range without an id an error") {
  CHECK(places(load_rule("users = {}\nowner = 'root'")) == Strings{"W0605 5:1"});
  CHECK(places(load_rule("users = { min_uid = 5, max_uid = 4 }", "${home}")) ==
        Strings{"E0203 5:9"});
  CHECK(places(load_rule("users = { min_uid = -1 }", "${home}")) == Strings{"E0203 5:21"});
  CHECK(places(load_rule("users = { source = 'ldap' }", "${home}")) == Strings{"E0203 5:21"});
  CHECK(places(load_rule("users = { exclude = ['a b'] }", "${home}")) == Strings{"E0431 5:23"});
}

}  // namespace
}  // namespace permward::test
