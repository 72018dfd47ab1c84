// SPDX-License-Identifier: Apache-2.0
// Files, the schema, keys, and what is said of them.
#include "policy/load.hpp"

#include "base/sha256.hpp"
#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

TEST_CASE("no file, an empty file and a file of comments are policies without rules") {
  CHECK(load({}).diagnostics.empty());
  const std::vector<SourceFile> files = {{"a", ""}, {"b", "# nothing\n\n"}};
  const Loaded loaded = load(files);
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.policy.rules.empty());
  CHECK(loaded.policy.files.size() == 2);
}

TEST_CASE("files are known by their digests, and the policy by those of all") {
  const std::vector<SourceFile> files = {{"a", "schema = 1\n"}, {"b", ""}};
  const Policy policy = load(files).policy;
  CHECK(policy.files[0].path == "a");
  CHECK(policy.files[0].sha256 == sha256_hex("schema = 1\n"));
  CHECK(policy.digest == sha256_hex(sha256_hex("schema = 1\n") + sha256_hex("")));
}

TEST_CASE("a schema is required, and 1 is the one that is known") {
  const auto said = [](std::string text) {
    const SourceFile file{"p.toml", std::move(text)};
    return places(load(std::span(&file, 1)));
  };
  CHECK(said("[policy]\n") == Strings{"E0109 1:1"});
  CHECK(said("schema = 1\n") == Strings{});
  CHECK(said("schema = \"1\"\n") == Strings{"E0202 1:10"});
  // Keys of another schema may mean anything.
  CHECK(said("schema = 2\nrules = {}\n") == Strings{"E0110 1:10"});
}

TEST_CASE("a byte order mark is no part of the text") {
  const SourceFile file{"p.toml", "\xef\xbb\xbfschema = 1\nx = 1\n"};
  CHECK(places(load(std::span(&file, 1))) == Strings{"E0201 2:1"});
  const SourceFile first{"p.toml", "\xef\xbb\xbfx = 1\n"};
  CHECK(places(load(std::span(&first, 1))) == Strings{"E0109 1:1", "E0201 1:1"});
}

TEST_CASE("all mistakes of all files come at once, by file, line and column") {
  const std::vector<SourceFile> files = {
      {"a.toml", "schema = 1\n[[rule]]\nid = \"A\"\npath = \"etc\"\nowner = \"a:b\"\n"},
      {"b.toml", "schema = 1\nx = = 1\n"},
      {"c.toml", "schema = 1\nfoo = 1\nbar = 1\n"},
      {"d.toml", std::string("\0", 1)},
  };
  CHECK(places(load(files)) == Strings{"E0301 a.toml:3:7", "E0401 a.toml:4:9", "E0431 a.toml:5:11",
                                       "E0104 b.toml:2:5", "E0201 c.toml:2:1", "E0201 c.toml:3:1",
                                       "E0102 d.toml:1:1"});
}

TEST_CASE("a file that is not TOML does not hide the others") {
  const Loaded loaded = load_texts({"x = [\n", "[[rule]]\nid = \"a\"\npath = \"/a\"\n"});
  CHECK(codes_of(loaded) == Strings{"E0104"});
  CHECK(loaded.policy.rules.size() == 1);
}

TEST_CASE("a diagnostic has the file, the line's text and what to do") {
  const Loaded loaded =
      load_text("[[rule]]\r\nid = \"r\"\r\npath = \"/a\"\r\nrecursive = true\r\n");
  REQUIRE(loaded.diagnostics.size() == 1);
  const Diagnostic& d = loaded.diagnostics.front();
  CHECK(d.file == "p.toml");
  CHECK(d.line == 5);
  CHECK(d.column == 1);
  CHECK(d.source_line == "recursive = true");
  CHECK(d.message == "no key 'recursive' in [[rule]]");
  CHECK(d.help == "did you mean 'recurse'?");
}

TEST_CASE("an unknown key suggests the nearest of its table") {
  const auto help = [](std::string_view text) { return load_text(text).diagnostics.at(0).help; };
  CHECK(help("[[rules]]\n") == "did you mean 'rule'?");
  CHECK(help("[vars]\n") == "did you mean 'variables'?");
  CHECK(help("[policy]\nnmae = \"x\"\n") == "did you mean 'name'?");
  CHECK(help("[policy]\nfoo = 1\n") == "it takes 'name', 'title' or 'trust'");
  const auto in_rule = [](std::string_view keys) { return only_mistake(load_rule(keys)); };
  CHECK(in_rule("ownr = 'root'") == "no key 'ownr' in [[rule]] (did you mean 'owner'?)");
  CHECK(in_rule("user = 'root'") == "no key 'user' in [[rule]] (did you mean 'owner'?)");
  CHECK(in_rule("perms = '0644'") == "no key 'perms' in [[rule]] (did you mean 'mode'?)");
  CHECK(in_rule("caps = ''") == "no key 'caps' in [[rule]] (did you mean 'capabilities'?)");
  CHECK(in_rule("zzzzzzzz = 1") ==
        "no key 'zzzzzzzz' in [[rule]] (permward-policy(5) has the list of keys)");
  CHECK(in_rule("disabled = true").starts_with("no key 'disabled' in [[rule]]"));
  CHECK(in_rule("files = { perms = '0644' }") ==
        "no key 'perms' in 'files' (did you mean 'mode'?)");
  CHECK(in_rule("files = { path = '/x' }").starts_with("no key 'path' in 'files'"));
  CHECK(in_rule("when = { host = 'x' }") == "no key 'host' in 'when' (did you mean 'hostname'?)");
  CHECK(in_rule("mode = { max = '0644' }").starts_with("no key 'max' in 'mode' (did you mean"));
}

TEST_CASE("keys of later versions are known, and each is one mistake") {
  const auto said = [](const std::string& keys) { return only_mistake(load_rule(keys)); };
  CHECK(said("access = { write = [] }") == "'access' is not in this version of permward");
  CHECK(codes_of(load_rule("access = {}\nfiles = { access = {} }\nmode = '9'")) ==
        Strings{"E0205", "E0205", "E0411"});
}

TEST_CASE("what this version does anyway may be said") {
  CHECK(load_rule("on_changed = 'report'\non_missing = 'report'\non_forbidden = 'report'\n"
                  "ancestors = 'ignore'\nenforce = false\nsensitive = true\n")
            .diagnostics.empty());
  CHECK(codes_of(load_rule("on_changed = 'create'")) == Strings{"E0203"});
  CHECK(codes_of(load_rule("ancestors = true")) == Strings{"E0202"});
  CHECK(codes_of(load_rule("ancestors = 'ignored'")) == Strings{"E0203"});
  CHECK(codes_of(load_rule("sensitive = 1")) == Strings{"E0202"});
  CHECK(codes_of(load_rule("verify = []")) == Strings{"E0203"});
  CHECK(codes_of(load_rule("verify = 'nginx -t'")) == Strings{"E0202"});
}

TEST_CASE("values of another type are refused") {
  CHECK(only_mistake(load_rule("owner = true")) ==
        "'owner' takes a name or an id, not true or false");
  CHECK(only_mistake(load_rule("title = 1")) == "'title' takes a string, not an integer");
  CHECK(only_mistake(load_rule("tags = 'a'")) == "'tags' takes an array of strings, not a string");
  CHECK(only_mistake(load_rule("tags = [1]")) == "'tags' takes a string, not an integer");
  CHECK(only_mistake(load_rule("references = []")) == "'references' takes a table, not an array");
  CHECK(only_mistake(load_rule("references = { cis = '1' }")) ==
        "'cis' takes an array of strings, not a string");
  CHECK(only_mistake(load_rule("follow = 'yes'")) == "'follow' takes true or false, not a string");
  CHECK(only_mistake(load_rule("enforce = 0")) == "'enforce' takes true or false, not an integer");
  CHECK(only_mistake(load_rule("when = 'x'")) == "'when' takes a table, not a string");
  CHECK(only_mistake(load_rule("files = 'x'")) == "'files' takes a table, not a string");
  CHECK(only_mistake(load_rule("acl = 'u:a:r'")) ==
        "'acl' takes an array of entries, or 'at_most' and 'at_least', not a string");
  CHECK(codes_of(load_text("policy = 1\nvariables = 1\n")) == Strings{"E0202", "E0202"});
  CHECK(codes_of(load_text("[policy]\nname = 1\ntitle = 2\ntrust = 3\n")) ==
        Strings{"E0202", "E0202", "E0202"});
}

TEST_CASE("rules, overrides and waivers are arrays of tables") {
  CHECK(only_mistake(load_text("[rule]\nid = \"a\"\n")) ==
        "'rule' is one table, and there may be many (write '[[rule]]')");
  CHECK(codes_of(load_text("rule = 1\n")) == Strings{"E0202"});
  CHECK(codes_of(load_text("rule = [1]\n")) == Strings{"E0202"});
  CHECK(load_text("rule = []\noverride = []\nwaiver = []\n").diagnostics.empty());
  const Loaded inlined =
      load_text("rule = [{ id = \"a\", path = \"/a\", mode.at_most = \"0644\" }]\n");
  CHECK(inlined.diagnostics.empty());
  CHECK(inlined.policy.rules.at(0).pos == Pos{0, 2, 9});
}

TEST_CASE("what people read is kept") {
  const Rule rule =
      only_rule(load_rule("title = 'T'\nseverity = 'critical'\nrationale = 'R'\nremediation = 'M'\n"
                          "references = { z = ['1', '2'], a = [] }\ntags = ['x', 'y']\n"));
  CHECK(rule.id == "r");
  CHECK(rule.title == "T");
  CHECK(rule.severity == Severity::critical);
  CHECK(rule.rationale == "R");
  CHECK(rule.remediation == "M");
  CHECK(rule.tags == Strings{"x", "y"});
  REQUIRE(rule.references.size() == 2);
  CHECK(rule.references[0].first == "z");  // in the policy's order
  CHECK(rule.references[0].second == Strings{"1", "2"});
  CHECK(only_rule(load_rule("")).severity == Severity::medium);
  CHECK(only_mistake(load_rule("severity = 'hihg'")) ==
        "'severity' cannot be 'hihg' (did you mean 'high'?)");
}

TEST_CASE("ids are small, unique over all files, and not that of the built-in rule") {
  CHECK(codes_of(load_text("[[rule]]\npath = \"/a\"\n")) == Strings{"E0204"});
  for (const char* id : {"", "A", "-a", ".a", "a b", "ä", "a/b"}) {
    INFO(id);
    CHECK(codes_of(load_text("[[rule]]\nid = \"" + std::string(id) + "\"\npath = \"/a\"\n")) ==
          Strings{"E0301"});
  }
  CHECK(codes_of(load_text("[[rule]]\nid = \"0a.b_c-d\"\npath = \"/a\"\n")).empty());
  CHECK(codes_of(load_text("[[rule]]\nid = 1\npath = \"/a\"\n")) == Strings{"E0202"});
  CHECK(only_mistake(load_text("[[rule]]\nid = \"ancestors\"\npath = \"/a\"\n")) ==
        "the id 'ancestors' is that of a built-in rule (take another)");
  const Loaded twice = load_texts(
      {"[[rule]]\npath = \"/a\"\nid = \"a\"\n", "[[rule]]\nid = \"a\"\npath = \"/b\"\n"});
  CHECK(places(twice) == Strings{"E0302 2.toml:3:1"});
  CHECK(only_mistake(twice) ==
        "the id 'a' is that of the rule at 1.toml:4:1 (take another, or "
        "change that rule by '[[override]]')");
}

TEST_CASE("trust of a file counts for every rule of it and for no other") {
  const Loaded loaded =
      load_texts({"[policy]\ntrust = [\"@deploy\", 1000]\n[[rule]]\nid = \"a\"\npath = "
                  "\"/a\"\ntrust = \"*\"\n",
                  "[[rule]]\nid = \"b\"\npath = \"/b\"\ntrust = [\"web\", \"@4\"]\n"});
  REQUIRE(loaded.diagnostics.empty());
  const auto& accounts = loaded.policy.accounts;
  const auto& a = loaded.policy.rules[0].trust;
  REQUIRE(a.size() == 3);
  CHECK(a[0].everyone);
  CHECK(accounts[a[1].account].kind == AccountKind::group);
  CHECK(accounts[a[1].account].text == "deploy");
  CHECK(accounts[a[2].account].text == "1000");
  const auto& b = loaded.policy.rules[1].trust;
  REQUIRE(b.size() == 2);
  CHECK(accounts[b[0].account].text == "web");
  CHECK(accounts[b[1].account].kind == AccountKind::group);
  CHECK(accounts[b[1].account].id == 4);
}

TEST_CASE("principals that cannot be are refused") {
  CHECK(places(load_rule("trust = ['@a b', -1, true, 'x:y']")) ==
        Strings{"E0431 5:12", "E0431 5:18", "E0202 5:22", "E0431 5:30"});
  CHECK(codes_of(load_rule("trust = 1")) == Strings{"E0202"});
}

TEST_CASE("accounts are kept once a kind and text, numbers as found") {
  const Loaded loaded = load_rule("owner = ['root', 0, '0']\ngroup = 'root'\nacl = ['u:root:r']");
  REQUIRE(loaded.diagnostics.empty());
  const auto& accounts = loaded.policy.accounts;
  REQUIRE(accounts.size() == 3);
  CHECK(accounts[0].text == "root");
  CHECK(accounts[0].state == Account::State::pending);
  CHECK(accounts[0].pos == Pos{0, 5, 11});
  CHECK(accounts[1].text == "0");
  CHECK(accounts[1].found());
  CHECK(accounts[2].kind == AccountKind::group);
  CHECK(want_of<IdWant>(loaded, Aspect::owner).accounts == std::vector<std::uint32_t>{0, 1});
  CHECK(want_of<AclWant>(loaded, Aspect::acl).at_most.at(0).account == 0);
}

}  // namespace
}  // namespace permward::test
