// SPDX-License-Identifier: Apache-2.0
// What a rule is about, the clauses it comes to, and what cannot go together.
#include "policy/rule_maker.hpp"
#include "policy/rule_reader.hpp"
#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

std::string types_text(TypeSet types) {
  if (types == TypeSet::all()) return "all";
  if (types == TypeSet::all_present()) return "present";
  std::string out;
  for (std::size_t i = 0; i < type_count; ++i) {
    if (!types.has(static_cast<Type>(i))) continue;
    if (!out.empty()) out += '+';
    out += type_names[i];
  }
  return out;
}

// "mode file+directory 7:1" for each clause.
Strings clauses(const Loaded& loaded) {
  Strings out;
  for (const Clause& clause : only_rule(loaded).clauses) {
    out.push_back(std::string(name(clause.aspect)) + ' ' + types_text(clause.types) + ' ' +
                  std::to_string(clause.pos.line) + ':' + std::to_string(clause.pos.column));
  }
  return out;
}

PresenceWant presence(const Loaded& loaded) {
  return want_of<PresenceWant>(loaded, Aspect::presence);
}

Loaded load_paths(std::string_view paths, std::string_view keys = "") {
  return load_text("[[rule]]\nid = 'r'\npaths = " + std::string(paths) + '\n' + std::string(keys) +
                   '\n');
}

TEST_CASE("a literal rule demands its presence and that it is no symlink") {
  const Loaded loaded = load_rule("");
  CHECK(clauses(loaded) == Strings{"presence all 2:1", "type present 2:1"});
  CHECK(presence(loaded).presence == Presence::required);
  const auto type = want_of<TypeWant>(loaded, Aspect::type);
  CHECK_FALSE(type.stated);
  CHECK(type.allowed == TypeSet::all_present().without(Type::symlink));
}

TEST_CASE("alternatives that each imply a type imply the rule's") {
  const auto type = [](std::string_view keys) {
    return want_of<TypeWant>(load_rule(keys), Aspect::type);
  };
  const TypeWant all = type("any_of = [{ target = '/b' }, { default_acl = [] }]");
  CHECK(all.stated);
  CHECK(all.allowed == TypeSet{Type::symlink, Type::directory});
  // Some of them: what is no symlink may meet the others.
  const TypeWant some = type("any_of = [{ target = '/b' }, { owner = 'root' }]");
  CHECK_FALSE(some.stated);
  CHECK(some.allowed == TypeSet::all_present());
  CHECK_FALSE(
      type("any_of = [{ default_acl = [] }, { owner = 'root' }]").allowed.has(Type::symlink));
}

TEST_CASE("an alternative is of the type that it implies, and of no symlink else") {
  const std::string alternatives =
      "any_of = [{ target = '/b', owner = 'bob' }, { owner = 'root' }]";
  const Loaded loaded = load_rule(alternatives);
  CHECK(clauses(loaded) == Strings{"presence all 2:1", "type present 2:1", "type present 5:13",
                                   "target symlink 5:13", "owner present 5:28", "type present 5:47",
                                   "owner present 5:47"});
  const auto type = [](const Loaded& of, std::size_t at) {
    return std::get<TypeWant>(only_rule(of).clauses.at(at).want).allowed;
  };
  CHECK(type(loaded, 2) == TypeSet(Type::symlink));
  CHECK(type(loaded, 5) == TypeSet::all_present().without(Type::symlink));
  // Where the rule says it already, and where a recursion or a glob selects.
  CHECK(clauses(load_rule("any_of = [{ target = '/b' }, { target = '/c' }]")).size() == 4);
  CHECK(clauses(load_rule("recurse = true\n" + alternatives)).size() == 5);
  CHECK(clauses(load_paths("['/a*']", alternatives)).size() == 4);
  CHECK(clauses(load_paths("['/a*', '/a']", alternatives)).size() == 7);
  const Loaded stated = load_rule("type = ['file', 'symlink']\n" + alternatives);
  CHECK(clauses(stated).size() == 6);
  CHECK(type(stated, 2) == TypeSet(Type::symlink));
  CHECK(places(load_rule("any_of = [{ target = '/b', mode = '0600' }, { owner = 'root' }]")) ==
        Strings{"E0501 5:28"});
}

TEST_CASE("what is stated has the position of its key") {
  const Loaded loaded = load_rule("presence = 'optional'\ntype = ['file', 'fifo']\nmode = '0640'");
  CHECK(clauses(loaded) == Strings{"presence all 5:1", "type present 6:1", "mode file+fifo 7:1"});
  CHECK(presence(loaded).presence == Presence::optional);
  CHECK(want_of<TypeWant>(loaded, Aspect::type).stated);
  CHECK(want_of<TypeWant>(loaded, Aspect::type).allowed == TypeSet{Type::file, Type::fifo});
}

TEST_CASE("symlinks have owners and groups, and no mode or ACL") {
  CHECK(clauses(load_rule("owner = 'a'\nmode = '0640'\nacl = []")) ==
        Strings{"presence all 2:1", "type present 2:1", "owner present 5:1",
                "mode file+directory+fifo+socket+char+block 6:1",
                "acl file+directory+fifo+socket+char+block 7:1"});
  CHECK(clauses(load_rule("type = 'symlink'\nowner = 'a'")) ==
        Strings{"presence all 2:1", "type present 5:1", "owner symlink 6:1"});
}

TEST_CASE("a literal rule whose type cannot have what it demands is an error") {
  CHECK(only_mistake(load_rule("type = 'symlink'\nmode = '0640'")) ==
        "'type' leaves nothing that can have 'mode' here (leave out one of them)");
  CHECK(places(load_rule("type = 'symlink'\nacl = []")) == Strings{"E0501 6:1"});
  CHECK(places(load_rule("type = 'directory'\nfiles = { owner = 'a' }")) == Strings{"E0501 6:11"});
  CHECK(load_rule("type = ['symlink', 'file']\nmode = '0640'").diagnostics.empty());
}

TEST_CASE("recursions and globs select by type and demand what a type can have") {
  const Loaded glob = load_rule("type = ['file', 'symlink']\nmode = '0640'\nowner = 'a'", "/etc/*");
  CHECK(only_rule(glob).selects == TypeSet{Type::file, Type::symlink});
  CHECK(clauses(glob) ==
        Strings{"presence file+symlink+absent 2:1", "mode file 6:1", "owner file+symlink 7:1"});
  CHECK(presence(glob).presence == Presence::optional);

  const Loaded tree = load_rule("type = 'file'\nrecurse = true\nowner = 'a'");
  CHECK(only_rule(tree).selects == TypeSet{Type::file});
  CHECK(clauses(tree) == Strings{"presence all 2:1", "type present 2:1", "owner file 7:1"});
  CHECK(presence(tree).presence == Presence::required);
  // Its top is a directory, whatever it selects; only a symlink is none.
  CHECK_FALSE(want_of<TypeWant>(tree, Aspect::type).stated);

  CHECK(codes_of(load_rule("type = 'symlink'\nmode = '0640'\nrecurse = true")) == Strings{"W0605"});
  CHECK(codes_of(load_rule("type = 'directory'\nfiles = { mode = '0640' }", "/a/*")) ==
        Strings{"W0605"});
}

TEST_CASE("tables of files and directories take their types from the rule's own") {
  const Loaded loaded = load_rule(
      "recurse = true\nmode = 'o-w'\nowner = 'a'\nfiles = { mode = { at_most = '0644' } }\n"
      "[rule.directories]\nmode = '0755'\ngroup = 'g'");
  CHECK(clauses(loaded) == Strings{"presence all 2:1", "type present 2:1",
                                   "mode fifo+socket+char+block 6:1", "owner present 7:1",
                                   "mode file 8:11", "mode directory 10:1",
                                   "group directory 11:1"});
}

TEST_CASE("an own demand that both tables override is gone") {
  const Loaded loaded = load_rule(
      "type = ['file', 'directory']\nrecurse = true\nowner = 'a'\nfiles = { owner = 'b' }\n"
      "directories = { owner = 'c' }");
  CHECK(clauses(loaded) ==
        Strings{"presence all 2:1", "type present 2:1", "owner file 8:11", "owner directory 9:17"});
}

TEST_CASE("a rule of paths and globs requires its paths alone") {
  const Loaded loaded = load_paths("['/etc/passwd', '/etc/shadow*']", "owner = 'root'");
  CHECK(presence(loaded).presence == Presence::required);
  CHECK(presence(loaded).silent_for_globs);
  CHECK(clauses(loaded) == Strings{"presence all 2:1", "type present 2:1", "owner present 5:1"});
  CHECK(only_rule(loaded).paths.at(1).pos == Pos{0, 4, 26});
  const Loaded stated = load_paths("['/a', '/b*']", "owner = 'root'\npresence = 'required'");
  CHECK_FALSE(presence(stated).silent_for_globs);
}

TEST_CASE("a rule with no demand at all demands its presence") {
  const Loaded glob = load_rule("", "/etc/cron.d/*");
  CHECK(presence(glob).presence == Presence::required);
  CHECK(places(glob) == Strings{"W0604 2:1"});
  CHECK(codes_of(load_rule("recurse = true")) == Strings{"W0604"});
  CHECK(codes_of(load_rule("presence = 'required'", "/a*")).empty());
  const Loaded mixed = load_paths("['/a', '/b*']");
  CHECK_FALSE(presence(mixed).silent_for_globs);
}

TEST_CASE("what is forbidden has no demands, and may be forbidden of one type") {
  const Loaded loaded = load_rule("presence = 'forbidden'");
  CHECK(clauses(loaded) == Strings{"presence all 5:1"});
  CHECK(places(load_rule("presence = 'forbidden'\nowner = 'a'\nmode = 'o-w'")) ==
        Strings{"E0502 6:1"});
  CHECK(places(load_rule("presence = 'forbidden'\nfiles = { mode = 'o-w' }")) ==
        Strings{"E0502 6:1"});
  CHECK(clauses(load_rule("presence = 'forbidden'\ntype = 'file'")) ==
        Strings{"presence all 5:1", "type present 6:1"});
  CHECK(clauses(load_rule("presence = 'forbidden'\ntype = 'file'", "/tmp/x*")) ==
        Strings{"presence file+absent 5:1"});
}

TEST_CASE("a rule has a path or paths and not both") {
  const auto said = [](const std::string& keys) {
    return places(load_text("[[rule]]\nid = 'r'\n" + keys));
  };
  CHECK(said("") == Strings{"E0204 2:1"});
  CHECK(said("path = '/a'\npaths = ['/b']\n") == Strings{"E0206 5:1"});
  CHECK(said("paths = []\n") == Strings{"E0203 4:9"});
  CHECK(said("paths = '/a'\n") == Strings{"E0202 4:9"});
  CHECK(said("path = ['/a']\n") == Strings{"E0202 4:8"});
  CHECK(said("path = 'a'\n") == Strings{"E0401 4:9"});
  CHECK(said("paths = ['/a', 'b', '/c/']\n") == Strings{"E0401 4:17", "E0401 4:24"});
}

TEST_CASE("how a rule reaches below its path") {
  const Rule rule = only_rule(load_rule(
      "recurse = 2\nexclude = ['*.bak', 'cache/**']\ncross_filesystems = 'local'\nfollow = true\n"
      "enforce = false\nowner = 'a'"));
  CHECK(rule.recurse == 2);
  CHECK(rule.excludes.size() == 2);
  CHECK(rule.cross_filesystems == CrossFilesystems::local);
  CHECK(rule.follow);
  CHECK_FALSE(rule.enforce);
  CHECK(only_rule(load_rule("recurse = false")).recurse == not_recursive);
  CHECK(only_rule(load_rule("recurse = true\nowner = 'a'")).recurse == unlimited_depth);
  CHECK(only_rule(load_rule("cross_filesystems = true\nowner = 'a'", "/a/**")).cross_filesystems ==
        CrossFilesystems::yes);
  CHECK(only_rule(load_rule("cross_filesystems = false\nowner = 'a'", "/a/**")).cross_filesystems ==
        CrossFilesystems::no);
}

TEST_CASE("values out of range say what there is") {
  CHECK(only_mistake(load_rule("recurse = 0")) ==
        "'recurse' cannot be 0 (1 is the path and what lies directly in it; true is everything "
        "below)");
  CHECK(codes_of(load_rule("recurse = 4294967295")) == Strings{"E0203"});
  CHECK(codes_of(load_rule("recurse = 'yes'")) == Strings{"E0202"});
  CHECK(codes_of(load_rule("recurse = true\nowner = 'a'\ncross_filesystems = 'all'")) ==
        Strings{"E0203"});
  CHECK(codes_of(load_rule("recurse = true\nowner = 'a'\ncross_filesystems = 1")) ==
        Strings{"E0202"});
  CHECK(codes_of(load_rule("type = []")) == Strings{"E0203"});
  CHECK(codes_of(load_rule("type = 1")) == Strings{"E0202"});
  CHECK(only_mistake(load_rule("type = 'dir'")).starts_with("'type' cannot be 'dir'"));
  CHECK(only_mistake(load_rule("type = 'absent'")).starts_with("'type' cannot be 'absent'"));
  CHECK(only_mistake(load_rule("presence = 'requried'")) ==
        "'presence' cannot be 'requried' (did you mean 'required'?)");
  CHECK(places(load_rule("recurse = true\nowner = 'a'\nexclude = ['*.bak', '/x']")) ==
        Strings{"E0401 7:22"});
  CHECK(codes_of(load_rule("follow = 1\ntitle = '${x}'")) == Strings{"E0202", "E0303"});
}

TEST_CASE("conditions are a path and a host name") {
  const Rule rule = only_rule(load_rule("when = { path_exists = '/a\\*', hostname = 'web*' }"));
  REQUIRE(rule.when);
  CHECK(rule.when->path_exists == "/a*");
  CHECK(matches(rule.when->hostname.value(), "web1"));
  CHECK(only_rule(load_rule("when = {}")).when.has_value());
  CHECK(places(load_rule("when = { path_exists = '/a*', hostname = 'a/b' }")) ==
        Strings{"E0401 5:25", "E0402 5:44"});
  CHECK(codes_of(load_rule("when = { path_exists = 1, hostname = 2 }")) ==
        Strings{"E0202", "E0202"});
}

TEST_CASE(
    "what is pinned is restored where it is gone, and where it differs only if that is said") {
  const std::string pinned = "content = 'pinned'\n";
  const Rule plain = only_rule(load_rule(pinned));
  CHECK(plain.restore_missing);
  CHECK_FALSE(plain.restore_changed);
  CHECK_FALSE(only_rule(load_rule(pinned + "on_missing = 'report'")).restore_missing);
  CHECK(only_rule(load_rule(pinned + "on_missing = 'restore'")).restore_missing);
  CHECK(only_rule(load_rule(pinned + "on_changed = 'restore'")).restore_changed);
  CHECK(only_rule(load_rule("any_of = [{ content = 'pinned' }]")).restore_missing);
  CHECK(only_rule(load_rule(pinned + "verify = ['nginx', '-c', '{}']")).verify ==
        Strings{"nginx", "-c", "{}"});
  CHECK_FALSE(only_rule(load_rule("mode = '0644'")).restore_missing);
  CHECK(only_rule(load_rule("presence = 'forbidden'\non_forbidden = 'remove'")).remove_forbidden);
  for (const char* key :
       {"on_missing = 'restore'", "on_changed = 'restore'", "verify = ['true']"}) {
    CHECK(codes_of(load_rule("mode = '0644'\n" + std::string(key))) == Strings{"E0204"});
  }
}

TEST_CASE("what is to be created is stated whole") {
  const std::string whole =
      "type = 'directory'\nowner = ['root', 'bob']\ngroup = 'adm'\nmode = '0750'\n";
  const std::string create = "on_missing = 'create'\n";
  CHECK(only_rule(load_rule(whole + create)).create_missing);
  CHECK_FALSE(only_rule(load_rule(whole + "on_missing = 'report'")).create_missing);
  CHECK(load_rule(create + "type = 'file'\nowner = 0\ngroup = 0\nfiles = { mode = '0600' }")
            .diagnostics.empty());
  CHECK(only_mistake(load_rule(create)) ==
        "'on_missing = \"create\"' needs the type 'file' or 'directory', an owner, a group and an "
        "exact mode (state all that it is to be made with)");
  const auto lacks = [&](const std::string& keys) {
    const std::string said = only_mistake(load_rule(keys + create));
    const std::size_t begin = said.find("needs ") + 6;
    return said.substr(begin, said.find(" (") - begin);
  };
  CHECK(lacks("type = ['file', 'directory']\nowner = 0\ngroup = 0\nmode = '0600'\n") ==
        "the type 'file' or 'directory'");
  CHECK(lacks("type = 'file'\nowner = { known = true }\ngroup = 0\nmode = '0600'\n") == "an owner");
  CHECK(lacks("type = 'file'\nowner = 0\nany_of = [{ group = 0 }]\nmode = '0600'\n") == "a group");
  CHECK(lacks("type = 'file'\nowner = 0\ngroup = 0\nmode = 'u=rw,go='\n") == "an exact mode");
  CHECK(only_mistake(load_paths("['/a*']", whole + create)).find("needs paths without wildcards") !=
        std::string::npos);
}

TEST_CASE("nobody sets the owner, group or mode of everything by one rule") {
  const auto said = [](std::string_view keys, std::string_view path) {
    return codes_of(load_rule(keys, path));
  };
  CHECK(said("recurse = true\nowner = 'a'", "/") == Strings{"E0503"});
  CHECK(said("recurse = 1\ngroup = 'a'\nmode = '0755'", "/") == Strings{"E0503", "E0503"});
  CHECK(said("recurse = true\nfiles = { mode = '0644' }", "/") == Strings{"E0503"});
  CHECK(said("owner = 'a'", "/**") == Strings{"E0503"});
  CHECK(said("owner = 'a'", "/**/*") == Strings{"E0503"});
  CHECK(said("owner = 'a'\nrecurse = true", "/*") == Strings{"E0503"});
  CHECK(said("owner = 'a'", "/*").empty());
  CHECK(said("owner = 'a'", "/**/x").empty());
  CHECK(said("mode = { at_least = '0755', at_most = '0755' }", "/**") == Strings{"E0503"});
  CHECK(said("mode = { at_least = '0644', at_most = '0755' }", "/**").empty());
  CHECK(said("recurse = true\nany_of = [{ owner = 'a' }, { mode = 'o-w' }]", "/") ==
        Strings{"E0503"});
  CHECK(said("recurse = true\nowner = 'a'\nenforce = false", "/").empty());
  CHECK(said("recurse = true\nowner = { known = true }\ngroup = { known = true }", "/").empty());
  CHECK(said("recurse = true\nmode = 'o-w'", "/").empty());
  CHECK(said("recurse = true\nmode = { at_most = '7775' }", "/").empty());
  CHECK(said("owner = 'a'\nmode = '0755'", "/").empty());
  CHECK(said("recurse = true\nowner = 'a'", "/srv").empty());
  CHECK(said("owner = 'a'", "/*").empty());
}

TEST_CASE("a mode that takes x from the directories of a recursion is a trap") {
  const auto said = [](std::string_view keys, std::string_view path = "/srv") {
    return codes_of(load_rule(keys, path));
  };
  CHECK(said("recurse = true\nmode = '0644'") == Strings{"W0603"});
  CHECK(said("recurse = true\nmode = { at_most = '0644' }") == Strings{"W0603"});
  CHECK(said("recurse = true\nmode = 'a-x'") == Strings{"W0603"});
  CHECK(said("mode = '0644'", "/srv/**") == Strings{"W0603"});
  CHECK(said("recurse = true\nmode = 'u=rwX,go=rX'").empty());
  CHECK(said("recurse = true\nmode = '0755'").empty());
  CHECK(said("recurse = true\nmode = 'o-x'").empty());
  CHECK(said("recurse = true\nmode = '0644'\ntype = 'file'").empty());
  CHECK(said("recurse = true\nmode = '0644'\ndirectories = { mode = '0755' }").empty());
  CHECK(said("recurse = true\ndirectories = { mode = '0644' }").empty());
  CHECK(said("mode = '0644'").empty());
}

TEST_CASE("keys that do nothing on one path are warnings") {
  CHECK(places(load_rule("exclude = ['x']\ncross_filesystems = true")) ==
        Strings{"W0605 5:1", "W0605 6:1"});
  CHECK(load_rule("cross_filesystems = true\nowner = 'a'", "/a/**").diagnostics.empty());
}

TEST_CASE("an exclude of a glob that does not recurse is a warning") {
  CHECK(places(load_rule("exclude = ['x']\nowner = 'a'", "/a/**")) == Strings{"W0605 5:1"});
  CHECK(load_rule("exclude = ['x']\nowner = 'a'\nrecurse = true", "/a/*").diagnostics.empty());
}

TEST_CASE("only lint says that an ACL may let in whom the mode bars") {
  const LoadOptions lint{.lint = true};
  const auto said = [&lint](std::string_view keys) {
    return codes_of(load_rule(keys, "/etc/f", lint));
  };
  CHECK(said("mode = '0640'") == Strings{"W0606"});
  CHECK(said("mode = 'o='") == Strings{"W0606"});
  CHECK(said("mode = { at_most = '0750' }") == Strings{"W0606"});
  CHECK(said("mode = '0640'\nacl = []").empty());
  CHECK(said("mode = '0644'").empty());
  CHECK(said("mode = 'o-w'").empty());
  CHECK(load_rule("mode = '0640'").diagnostics.empty());
}

TEST_CASE("mistakes elsewhere do not hide what cannot go together") {
  CHECK(codes_of(load_rule("presence = 'forbidden'\nowner = 'a b'")) == Strings{"E0502", "E0431"});
  CHECK(codes_of(load_rule("presence = 'forbidden'\nmode = '0644'", "etc")) ==
        Strings{"E0401", "E0502"});
}

TEST_CASE("the globs of a policy have a budget together") {
  std::string text;
  const std::string braces = "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}";
  for (int i = 0; i < 8; ++i) {
    text += "[[rule]]\nid = 'r" + std::to_string(i) + "'\nowner = 'a'\npath = '/" + braces + "/" +
            std::string(200, 'x') + "*" + "'\n";
  }
  CHECK(load_text(text).diagnostics.empty());
  text.clear();
  for (int i = 0; i < 40; ++i) {
    text += "[[rule]]\nid = 'r" + std::to_string(i) + "'\nowner = 'a'\npath = '/" + braces +
            std::string(240, 'x') + "'\n";
  }
  CHECK(codes_of(load_text(text)) == Strings{"E0403"});
}

}  // namespace
}  // namespace permward::test
