// SPDX-License-Identifier: Apache-2.0
#include "policy/variables.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

// Variables from line 3 on, and a rule of that title.
Loaded load_title(const std::string& variables, const std::string& title) {
  return load_text("[variables]\n" + variables + "\n[[rule]]\nid = 'r'\npath = '/a'\ntitle = '" +
                   title + "'\n");
}

std::string title_of(const std::string& variables, const std::string& title) {
  return only_rule(load_title(variables, title)).title;
}

TEST_CASE("variables are replaced in every string of a rule") {
  CHECK(title_of("a = 'x'", "${a}-${a}") == "x-x");
  CHECK(title_of("a = 'x'\nb = '<${a}>'\nc = '${b}${b}'", "${c}") == "<x><x>");
  CHECK(title_of("c = '${b}'\nb = '${a}'\na = 'x'", "${c}") == "x");  // defined in any order
  CHECK(title_of("a-b_C1 = 'x'", "${a-b_C1}") == "x");
  CHECK(title_of("a = ''", "[${a}]") == "[]");
  const Rule rule = only_rule(load_text(
      "[variables]\np = '/srv'\nu = 'web'\nm = '0640'\n[[rule]]\nid = '${u}'\npath = '${p}/a'\n"
      "owner = '${u}'\nmode = '${m}'\nacl = ['u:${u}:r']\ntags = ['${u}']\nrecurse = true\n"
      "exclude = ['${u}']\nfiles = { mode = '${m}' }\ndirectories = { mode = '0750' }\n"));
  CHECK(rule.id == "web");
  CHECK(rule.paths.at(0).pattern.text == "/srv/a");
  CHECK(rule.tags == Strings{"web"});
}

TEST_CASE("there is no string of a rule in which a variable stays as it is written") {
  const std::string digest(64, 'a');
  const Loaded loaded = load_text(
      "[variables]\nx = 'a'\nt = 'file'\nd = '" + digest + "'\nw = 'high'\n[[rule]]\nid = 'r'\n" +
      "path = '/a'\ntype = '${t}'\nseverity = '${w}'\nrationale = '${x}'\nremediation = '${x}'\n"
      "references = { c = ['${x}'] }\nwhen = { path_exists = '/${x}', hostname = '${x}*' }\n"
      "trust = ['@${x}']\ngroup = ['${x}']\ncontent = { sha256 = '${d}' }\n"
      "any_of = [{ acl = ['u:${x}:r'] }, { owner = '${x}' }]\n");
  const Rule& rule = only_rule(loaded);
  CHECK(want_of<TypeWant>(loaded, Aspect::type).allowed == TypeSet(Type::file));
  CHECK(rule.severity == Severity::high);
  CHECK(rule.rationale == "a");
  CHECK(rule.remediation == "a");
  CHECK(rule.references.at(0).second == Strings{"a"});
  CHECK(rule.when->path_exists == "/a");
  CHECK(matches(rule.when->hostname.value(), "ab"));
  for (const Account& account : loaded.policy.accounts) CHECK(account.text == "a");
  CHECK(loaded.policy.accounts.size() == 2);  // a user and a group
  CHECK(want_of<TargetWant>(load_text("[variables]\nx = 'a'\n[[rule]]\nid = 'r'\npath = '/a'\n"
                                      "target = ['${x}', '/${x}']\n"),
                            Aspect::target)
            .texts == Strings{"a", "/a"});
  const Loaded directory = load_text(
      "[variables]\nx = 'a'\n[[rule]]\nid = 'r'\npath = '/a'\nentries = ['${x}*']\n"
      "default_acl = ['u:${x}:r']\n");
  CHECK(matches(want_of<EntriesWant>(directory, Aspect::entries).names.at(0), "ab"));
  CHECK(directory.policy.accounts.at(0).text == "a");
}

TEST_CASE("two dollars are one, and a dollar before anything else is an error") {
  CHECK(title_of("", "costs $$5, $${a}") == "costs $5, ${a}");
  for (const char* title : {"$5", "$", "${}", "${a", "${a b}", "$a", "a${ä}"}) {
    INFO(title);
    CHECK(codes_of(load_title("a = 'x'", title)) == Strings{"E0304"});
  }
  CHECK(places(load_title("", "ab $x")) == Strings{"E0304 7:13"});
}

TEST_CASE("an unknown variable suggests the nearest") {
  CHECK(only_mistake(load_title("webroot = '/srv'", "${webrot}")) ==
        "no variable 'webrot' (did you mean 'webroot'?)");
  CHECK(only_mistake(load_title("", "${x}")) == "no variable 'x' (define it under '[variables]')");
  CHECK(places(load_title("a = 'x${b}'", "")) == Strings{"E0303 3:7"});  // used or not
}

TEST_CASE("later files override variables") {
  const Loaded loaded = load_texts(
      {"[variables]\na = 'old'\nb = '${a}'\n[[rule]]\nid = 'r'\npath = '/a'\ntitle = '${b}'\n",
       "[variables]\na = 'new'\n"});
  CHECK(only_rule(loaded).title == "new");
}

TEST_CASE("a circle of variables is one error that shows it") {
  const Loaded loaded = load_title("a = '${b}'\nb = '${c}'\nc = '${b}'", "${a}");
  CHECK(places(loaded) == Strings{"E0305 4:6"});
  CHECK(loaded.diagnostics[0].message == "the variable 'b' uses itself: 'b' → 'c' → 'b'");
  CHECK(codes_of(load_title("a = '${a}'", "${a}")) == Strings{"E0305"});
}

TEST_CASE("what uses a wrong variable is no further mistake") {
  CHECK(places(load_title("a = '$'\nb = '${a}'", "${b}${a}")) == Strings{"E0304 3:6"});
}

TEST_CASE("names of variables are plain, and those of accounts reserved") {
  CHECK(places(load_text("[variables]\n'a b' = 'x'\nhome = 'x'\nuser = 'x'\ngroup = 'x'\n"
                         "'' = 'x'\nz = 1\n")) ==
        Strings{"E0307 3:1", "E0307 4:1", "E0307 5:1", "E0307 6:1", "E0307 7:1", "E0202 8:5"});
  CHECK(only_mistake(load_text("[variables]\nconf = '${home}/x'\n")) ==
        "'${home}' stands for a user only in a rule (write it in the rule itself, which is then "
        "expanded once for each user)");
}

TEST_CASE("a place behind a variable is that of the whole string") {
  CHECK(places(load_text("[variables]\nm = 'o-w,'\n[[rule]]\nid = 'r'\npath = '/a'\n"
                         "mode = '${m}u=q'\n")) == Strings{"E0411 7:8"});
}

TEST_CASE("variables that explode are an error") {
  std::string variables = "a0 = '0123456789'\n";
  for (int i = 1; i < 20; ++i) {
    const std::string used = "${a" + std::to_string(i - 1) + "}";
    variables += "a" + std::to_string(i) + " = '" + used + used + used + used + "'\n";
  }
  CHECK(codes_of(load_title(variables, "${a19}")) == Strings{"E0306"});

  // None of them too long, all of them too many.
  std::string tags = "tags = [";
  for (int i = 0; i < 600; ++i) tags += "'${a}',";
  const Loaded many = load_text("[variables]\na = '" + std::string(60000, 'x') +
                                "'\n[[rule]]\nid = 'r'\npath = '/a'\n" + tags + "]\n");
  CHECK(codes_of(many).size() == 41);
  CHECK(codes_of(many).front() == "E0306");
}

TEST_CASE("variables use variables 32 deep, in whatever order they stand") {
  const auto chain = [](int length, bool forwards) {
    std::string out;
    for (int i = 0; i < length; ++i) {
      const int at = forwards ? i : length - 1 - i;
      out += "a" + std::to_string(at) + " = '";
      out += at == 0 ? "x'\n" : "${a" + std::to_string(at - 1) + "}'\n";
    }
    return out;
  };
  for (const bool forwards : {true, false}) {
    CHECK(title_of(chain(32, forwards), "${a31}") == "x");
    CHECK(codes_of(load_title(chain(33, forwards), "")) == Strings{"E0306"});
    CHECK_FALSE(codes_of(load_title(chain(500, forwards), "")).empty());
  }
}

}  // namespace
}  // namespace permward::test
