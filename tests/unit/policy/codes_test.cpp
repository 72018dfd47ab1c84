// SPDX-License-Identifier: Apache-2.0
#include "model/codes.hpp"

#include "policy/check_accounts.hpp"
#include "policy/screen.hpp"
#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <cerrno>
#include <set>
#include <string>

namespace permward::test {
namespace {

TEST_CASE("every code stands once, in the order of the enum, and says what it is") {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const CodeRow& code = codes[i];
    INFO(code.text);
    CHECK(static_cast<std::size_t>(code.code) == i);
    CHECK(seen.insert(code.text).second);
    REQUIRE(code.text.size() == 5);
    CHECK((code.text[0] == 'E' || code.text[0] == 'W'));
    CHECK(code.text.find_first_not_of("0123456789", 1) == code.text.npos);
    CHECK_FALSE(code.description.empty());
    CHECK_FALSE(code.description.ends_with('.'));
  }
  CHECK(severity(Code::bad_mode) == Diagnostic::Severity::error);
  CHECK(severity(Code::without_effect) == Diagnostic::Severity::warning);
}

// What is found before the text is looked at, or once the rules are decided.
bool found_by_others(Code code) {
  return code <= Code::not_verified || code == Code::conflicting_rules;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string rule(const std::string& keys, const std::string& path = "/a") {
  return "schema = 1\n[[rule]]\nid = 'r'\npath = '" + path + "'\n" + keys + "\n";
}

// One policy at least for each code.
Strings every_mistake() {
  return {
      std::string(most_bytes + 1, ' '),
      std::string("a\0", 2),
      "\xff",
      "x",
      "x=[" + std::string(most_values, ','),
      "x=" + repeated("[", 65),
      repeated("a.", 17) + "b=1",
      repeated("a.b=1\n", most_dotted_keys + 1),
      "[policy]\n",
      "schema = 2",
      "schema = 1\nowner = '" + repeated("x", 10) + "'\n" + repeated("[[rule]]\n", 101),
      rule("") + repeated("[[waiver]]\nrule='x'\nreason='x'\nexpires=2027-01-01\n", 101),
      rule("owner = 1.5"),
      rule("recurse = 0"),
      rule("access = {}"),
      rule("capabilities = 'x'"),
      rule("paths = ['/b']"),
      "schema = 1\n[[rule]]\nid = 'A'\npath = '/a'\n",
      rule("") + "[[rule]]\nid = 'r'\npath = '/b'\n",
      rule("title = '${x}'"),
      rule("title = '$x'"),
      "schema = 1\n[variables]\na = '${a}'\nhome = 'x'\n",
      rule("tags = ['${a}${a}']\n[variables]\na = '" + std::string(40000, 'x') + "'"),
      rule("", "a"),
      rule("", "/["),
      rule("", "/" + repeated("{a,b}", 20)),
      rule("mode = '9'"),
      rule("mode = { at_most = '0600', at_least = '0640' }"),
      rule("mode = 'g+X,u+x'"),
      rule("acl = ['x']"),
      rule("acl = ['u:a:r', 'u:a:r']"),
      rule("acl = { at_most = [], at_least = ['u:a:r'] }"),
      rule("acl = ['m::---']"),
      rule("owner = ' '"),
      rule("") + "[[waiver]]\nrule='r'\nreason='x'\nexpires='x'\n",
      rule("type = 'symlink'\nmode = '0644'"),
      rule("presence = 'forbidden'\nowner = 'a'"),
      rule("recurse = true\nowner = 'a'", "/"),
      "schema = 1\n[[override]]\nrule = 'r'\n",
      rule("recurse = true\nmode = '0644'"),
      rule("recurse = true"),
      rule("exclude = ['x']"),
      rule("mode = '0640'"),
      rule("mode = '0755'", "${home}"),
      rule("mode = '0755'\nusers = { source = 'nss' }", "${home}"),
      rule("mode = '0755'\non_missing = 'create'"),
  };
}

// A user without a home, and a name service that does not answer.
ListedUsers hardly_any_users(UserSource source) {
  if (source == UserSource::nss) return Error{ErrorKind::io, "list", "the users", EIO};
  return UserList{{{"a", 1000, "a", ""}}, 0, {}};
}

TEST_CASE("every code is met by some policy") {
  std::set<std::string> seen;
  for (const std::string& text : every_mistake()) {
    const SourceFile file{"p.toml", text};
    for (const Diagnostic& d :
         load(std::span(&file, 1), {.lint = true, .users = hardly_any_users}).diagnostics) {
      seen.insert(d.code);
      INFO(d.code << ' ' << d.message);
      CHECK_FALSE(d.message.empty());
      CHECK_FALSE(d.message.ends_with('.'));
      CHECK_FALSE((d.message[0] >= 'A' && d.message[0] <= 'Z'));
    }
  }
  Loaded loaded = load_rule("owner = ['a', 'b']");
  loaded.policy.accounts[0].state = Account::State::unknown;
  loaded.policy.accounts[1].state = Account::State::failed;
  check_accounts(loaded.policy, {}, {}, loaded.diagnostics);
  for (const std::string& code : codes_of(loaded)) seen.insert(code);
  for (const CodeRow& code : codes) {
    if (found_by_others(code.code)) continue;
    INFO(code.text);
    CHECK(seen.count(std::string(code.text)) == 1);
  }
}

}  // namespace
}  // namespace permward::test
