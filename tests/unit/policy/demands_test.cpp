// SPDX-License-Identifier: Apache-2.0
// What rules demand: owner, group, mode, ACL.
#include "policy/acl_reader.hpp"
#include "policy/demand_reader.hpp"
#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <string>

namespace permward::test {
namespace {

TEST_CASE("owners and groups are names or ids, one or several") {
  const Loaded loaded = load_rule("owner = 4294967294\ngroup = ['www-data', '0', 'www-data']");
  CHECK(want_of<IdWant>(loaded, Aspect::owner).accounts.size() == 1);
  CHECK(loaded.policy.accounts[0].id == 4294967294);
  CHECK(want_of<IdWant>(loaded, Aspect::group).accounts.size() == 2);
}

TEST_CASE("T23 owners that are no accounts are errors where they stand") {
  CHECK(places(load_rule("owner = ''")) == Strings{"E0431 5:10"});
  CHECK(places(load_rule("owner = -1")) == Strings{"E0431 5:9"});
  CHECK(places(load_rule("group = 4294967295")) == Strings{"E0431 5:9"});
  CHECK(places(load_rule("owner = ['root', ' ', '0x0']")) == Strings{"E0431 5:19", "E0431 5:24"});
  CHECK(places(load_rule("owner = []")) == Strings{"E0203 5:9"});
  CHECK(places(load_rule("owner = 1.5")) == Strings{"E0202 5:9"});
  CHECK(only_mistake(load_rule("owner = 'root:adm'")) ==
        "'root:adm' is not one user (write the user in 'owner' and the group in 'group')");
}

TEST_CASE("T76 a mode that is a number is shown in quotes") {
  const auto help = [](std::string_view keys) { return load_rule(keys).diagnostics.at(0).help; };
  CHECK(help("mode = 644") == "write it in quotes: mode = \"0644\"");
  CHECK(help("mode = 0o644") == "write it in quotes: mode = \"0644\"");
  CHECK(help("mode = 0o0644") == "write it in quotes: mode = \"0644\"");
  CHECK(help("mode = 1755") == "write it in quotes: mode = \"1755\"");
  CHECK(help("mode = 420") == "write it in quotes: mode = \"0420\"");
  CHECK(help("mode = 0x1a4") == "write it in quotes: mode = \"0640\"");
  CHECK(help("mode = 12") == "write it in quotes: mode = \"0640\"");
  CHECK(help("mode = { at_most = 640 }") == "write it in quotes: at_most = \"0640\"");
  CHECK(help("mode = 0644") == "a mode is written in quotes: \"0644\"");  // no TOML
  CHECK(places(load_rule("mode = true")) == Strings{"E0202 5:8"});
  CHECK(places(load_rule("mode = 1e3")) == Strings{"E0202 5:8"});
  CHECK(places(load_rule("mode = ['0644']")) == Strings{"E0202 5:8"});
  CHECK(places(load_rule("mode = '09'")) == Strings{"E0411 5:10"});
  CHECK(places(load_rule("mode = -1")) == Strings{"E0202 5:8"});
}

TEST_CASE("modes are exact, bounded or symbolic") {
  CHECK(want_of<ModeWant>(load_rule("mode = '0640'"), Aspect::mode).form == ModeWant::Form::exact);
  CHECK(want_of<ModeWant>(load_rule("mode = 'o-w'"), Aspect::mode).text == "o-w");
  const auto bounds =
      want_of<ModeWant>(load_rule("mode = { at_most = '0640', at_least = '0400' }"), Aspect::mode);
  CHECK(bounds.form == ModeWant::Form::bounds);
  CHECK(bounds.at_most == 0640);
  CHECK(bounds.at_least == 0400);
  const auto below = want_of<ModeWant>(load_rule("mode.at_least = '0400'"), Aspect::mode);
  CHECK_FALSE(below.bounded_above);
  CHECK(below.bounded_below);
  CHECK(below.of_files.parts == 0400);
}

TEST_CASE("bounds of modes are octal and do not contradict each other") {
  CHECK(only_mistake(load_rule("mode = { at_most = '0600', at_least = '0640' }")) ==
        "'at_least' demands 0040, which 'at_most' bars (allow in 'at_most' what 'at_least' "
        "demands)");
  CHECK(codes_of(load_rule("mode = {}")) == Strings{"E0204"});
  CHECK(codes_of(load_rule("mode = { at_most = 'o-w' }")) == Strings{"E0411"});
  CHECK(codes_of(load_rule("mode = { at_most = true }")) == Strings{"E0202"});
  CHECK(codes_of(load_rule("mode = { at_most = '${x}' }")) == Strings{"E0303"});
  CHECK(codes_of(load_rule("mode = { at_moost = '0600' }")) == Strings{"E0201"});
  CHECK(codes_of(load_rule("mode = '${x}'")) == Strings{"E0303"});
  CHECK(places(load_rule("mode = 'o-w,u=q'")) == Strings{"E0411 5:15"});
}

TEST_CASE("an array is an exact ACL") {
  const auto acl =
      want_of<AclWant>(load_rule("acl = ['user:a:rw', 'g:4:rX', 'mask::7']"), Aspect::acl);
  CHECK(acl.form == AclWant::Form::exact);
  REQUIRE(acl.at_most.size() == 2);
  CHECK(acl.at_most[0].tag == AclTag::user);
  CHECK(acl.at_most[0].permissions == 6);
  CHECK(acl.at_most[1].tag == AclTag::group);
  CHECK(acl.at_most[1].x_if_any_x);
  CHECK(acl.mask_at_most.value().permissions == 7);
  CHECK(want_of<AclWant>(load_rule("acl = []"), Aspect::acl).at_most.empty());
}

TEST_CASE("a table bounds an ACL") {
  const auto acl = want_of<AclWant>(
      load_rule("acl = { at_most = ['u:a:rw', 'mask::rw'], at_least = ['u:a:r', 'm::r'] }"),
      Aspect::acl);
  CHECK(acl.form == AclWant::Form::bounds);
  CHECK(acl.bounded_above);
  CHECK(acl.bounded_below);
  CHECK(acl.mask_at_most.value().permissions == 6);
  CHECK(acl.mask_at_least.value().permissions == 4);
  CHECK(acl.at_least.at(0).permissions == 4);
  const auto above = want_of<AclWant>(load_rule("acl.at_most = []"), Aspect::acl);
  CHECK(above.bounded_above);
  CHECK_FALSE(above.bounded_below);
  CHECK(codes_of(load_rule("acl = {}")) == Strings{"E0204"});
  CHECK(codes_of(load_rule("acl = { at_mots = [] }")) == Strings{"E0201"});
}

TEST_CASE("one entry twice is an error at the second") {
  CHECK(places(load_rule("acl = ['u:a:r', 'user:a:w', 'g:a:r']")) == Strings{"E0422 5:18"});
  CHECK(places(load_rule("acl = ['m::r', 'mask:r']")) == Strings{"E0422 5:17"});
  // The same account in both bounds is none.
  CHECK(load_rule("acl = { at_most = ['u:a:r'], at_least = ['u:a:r'] }").diagnostics.empty());
}

TEST_CASE("at least beyond at most is an error for each account and for the mask") {
  const auto said = [](std::string_view at_most, std::string_view at_least) {
    return codes_of(load_rule("acl = { at_most = [" + std::string(at_most) + "], at_least = [" +
                              std::string(at_least) + "] }"));
  };
  CHECK(said("'u:a:r'", "'u:a:rw'") == Strings{"E0423"});
  CHECK(said("'u:a:r'", "'u:b:r'") == Strings{"E0423"});
  CHECK(said("'u:a:r'", "'g:a:r'") == Strings{"E0423"});
  CHECK(said("'u:a:r'", "'u:b:---'").empty());
  CHECK(said("'u:a:rw', 'm::r'", "'u:a:rw'") == Strings{"E0423"});
  CHECK(said("'u:a:rw', 'm::r'", "'u:a:r'").empty());
  CHECK(said("'m::r'", "'m::rw'") == Strings{"E0423"});
  CHECK(said("'u:a:r'", "'u:a:rX'") == Strings{"E0423"});
  CHECK(said("'u:a:rx'", "'u:a:rX'").empty());
  CHECK(said("'u:a:rX'", "'u:a:rx'").empty());
  CHECK(only_mistake(load_rule("acl = { at_most = ['u:a:r'], at_least = ['u:a:rw'] }"))
            .starts_with("'at_least' demands rw- where 'at_most' allows r--"));
}

TEST_CASE("an ACL whose mask comes out empty from the policy alone is an error") {
  const auto said = [](std::string_view keys) { return codes_of(load_rule(keys)); };
  CHECK(said("acl = ['u:a:---', 'mask::---']") == Strings{"E0424"});
  CHECK(said("acl = ['mask::---']") == Strings{"E0424"});
  CHECK(said("acl = ['u:a:---']\nmode = '0600'") == Strings{"E0424"});
  CHECK(said("acl = ['u:a:---']\nmode = { at_most = '0707' }") == Strings{"E0424"});
  CHECK(said("acl = ['u:a:---']\nmode = 'g='") == Strings{"E0424"});
  // What depends on the file is for check to see.
  CHECK(said("acl = ['u:a:---']").empty());
  CHECK(said("acl = ['u:a:---']\nmode = '0640'").empty());
  CHECK(said("acl = ['u:a:---']\nmode = 'g-w'").empty());
  CHECK(said("acl = ['u:a:X']\nmode = '0600'").empty());
  CHECK(said("acl = ['u:a:r']\nmode = '0600'").empty());
  CHECK(said("acl = ['u:a:---', 'mask::r--']\nmode = '0600'").empty());
  CHECK(said("acl = []\nmode = '0600'").empty());
  CHECK(said("acl = { at_most = ['u:a:---'] }\nmode = '0600'").empty());
  // The mode of directories does not speak of files.
  CHECK(said("files = { acl = ['u:a:---'] }\ndirectories = { mode = '0700' }").empty());
  CHECK(said("directories = { acl = ['u:a:---'], mode = '0700' }") == Strings{"E0424"});
}

TEST_CASE("mistakes in ACL entries stand where they are") {
  CHECK(places(load_rule("acl = ['u:a:rq', 'u::r', 'd:u:a:r', 'x']")) ==
        Strings{"E0421 5:13", "E0421 5:19", "E0421 5:27", "E0421 5:38"});
  CHECK(places(load_rule("acl = ['u: :r', 1]")) == Strings{"E0431 5:11", "E0202 5:17"});
}

TEST_CASE("attributes are names or letters, to be set or not to be") {
  const auto want = [](std::string_view key) {
    return want_of<AttributesWant>(load_rule(key), Aspect::attributes);
  };
  const AttributeSet both = AttributeSet(Attribute::immutable) | Attribute::no_atime;
  CHECK(want("attributes = ['immutable', 'no_atime']").set == both);
  CHECK(want("attributes = ['immutable', 'A']").set == both);
  CHECK(want("attributes = 'iA'").set == both);
  CHECK(want("attributes = 'iA'").clear.empty());
  CHECK(want("attributes = { clear = ['A', 'i'] }").clear == both);
  CHECK(want("attributes = { set = 'S', clear = 'iA' }").set == AttributeSet(Attribute::sync));
  for (std::size_t i = 0; i < attribute_count; ++i) {
    const auto one = static_cast<Attribute>(i);
    CHECK(want("attributes = ['" + std::string(attribute_names[i]) + "']").set == one);
    CHECK(want("attributes = '" + std::string(1, attribute_letters[i]) + "'").set == one);
  }
}

TEST_CASE("what is no attribute is said where it stands") {
  CHECK(only_mistake(load_rule("attributes = ['imutable']")) ==
        "'attributes' cannot be 'imutable' (did you mean 'immutable'?)");
  CHECK(places(load_rule("attributes = 'ix'")) == Strings{"E0203 5:16"});
  CHECK(places(load_rule("attributes = 'immutable'")) == Strings{"E0203 5:16"});
  CHECK(places(load_rule("attributes = []")) == Strings{"E0203 5:14"});
  CHECK(places(load_rule("attributes = {}")) == Strings{"E0203 5:14"});
  CHECK(places(load_rule("attributes = ''")) == Strings{"E0203 5:14"});
  CHECK(places(load_rule("attributes = 1")) == Strings{"E0202 5:14"});
  CHECK(places(load_rule("attributes = { set = 'i', clear = ['immutable'] }")) ==
        Strings{"E0203 5:14"});
  CHECK(codes_of(load_rule("attributes = { add = 'i' }")).size() == 1);
  CHECK(places(load_rule("type = 'symlink'\nattributes = 'i'")) == Strings{"E0501 6:1"});
}

TEST_CASE("a number of links is one or more") {
  CHECK(want_of<LinksWant>(load_rule("max_links = 1"), Aspect::links).most == 1);
  CHECK(want_of<LinksWant>(load_rule("max_links = 5000000000"), Aspect::links).most == 5000000000);
  CHECK(places(load_rule("max_links = 0")) == Strings{"E0203 5:13"});
  CHECK(places(load_rule("max_links = -1")) == Strings{"E0203 5:13"});
  CHECK(places(load_rule("max_links = '1'")) == Strings{"E0202 5:13"});
  CHECK(places(load_rule("type = 'directory'\nmax_links = 1")) == Strings{"E0501 6:1"});
}

TEST_CASE("targets are texts, and of symlinks") {
  const Loaded loaded = load_rule("target = ['a', '/b c']");
  CHECK(want_of<TargetWant>(loaded, Aspect::target).texts == Strings{"a", "/b c"});
  CHECK(want_of<TypeWant>(loaded, Aspect::type).allowed == TypeSet(Type::symlink));
  CHECK(want_of<TypeWant>(loaded, Aspect::type).stated);
  CHECK(places(load_rule("target = ''")) == Strings{"E0203 5:11"});
  CHECK(places(load_rule("target = []")) == Strings{"E0203 5:10"});
  CHECK(places(load_rule("type = 'file'\ntarget = 'x'")) == Strings{"E0501 6:1"});
  CHECK(places(load_rule("target = 'x'\nmode = '0644'")) == Strings{"E0501 6:1"});
  CHECK(only_mistake(load_rule("files = { target = 'x' }")) ==
        "no file can have 'target' (state it in the rule itself)");
  CHECK(places(load_rule("directories = { target = 'x', max_links = 1 }")) ==
        Strings{"E0501 5:17", "E0501 5:31"});
  // A tree has links among all else, and demands their targets of them alone.
  CHECK(load_rule("recurse = true\ntarget = 'x'\nmode = 'o-w'").diagnostics.empty());
}

TEST_CASE("an owner or group may be any that has an account") {
  CHECK(want_of<IdWant>(load_rule("owner = { known = true }"), Aspect::owner).known);
  CHECK(want_of<IdWant>(load_rule("group.known = true"), Aspect::group).known);
  CHECK(places(load_rule("owner = { known = false }")) == Strings{"E0203 5:19"});
  CHECK(places(load_rule("owner = { known = 1 }")) == Strings{"E0202 5:19"});
  CHECK(places(load_rule("owner = {}")) == Strings{"E0204 5:9"});
  CHECK(codes_of(load_rule("owner = { unknown = true }")).size() == 1);
}

TEST_CASE("a default ACL is an array in which base entries may stand") {
  const auto want = want_of<DefaultAclWant>(
      load_rule("default_acl = ['u:bob:rX', 'g::r-x', 'o::-', 'm::rwx']"), Aspect::default_acl);
  CHECK(want.named.size() == 1);
  CHECK(want.named[0].permissions == 5);
  CHECK_FALSE(want.user_obj);
  CHECK(want.group_obj == 5);
  CHECK(want.mask == 7);
  CHECK(want.other == 0);
  CHECK(want_of<DefaultAclWant>(load_rule("default_acl = []"), Aspect::default_acl).none());
  CHECK(want_of<TypeWant>(load_rule("default_acl = []"), Aspect::type).allowed ==
        TypeSet(Type::directory));
  CHECK(places(load_rule("default_acl = ['o::r', 'other::r']")) == Strings{"E0422 5:25"});
  CHECK(places(load_rule("default_acl = ['d:u:bob:r', 'default']")) ==
        Strings{"E0421 5:17", "E0421 5:30"});
  CHECK(places(load_rule("default_acl = { at_most = [] }")) == Strings{"E0202 5:15"});
  CHECK(places(load_rule("default_acl = ['u:bob:-', 'g::-']")) == Strings{"E0424 5:1"});
  CHECK(places(load_rule("default_acl = ['m::-']")) == Strings{"E0424 5:1"});
  CHECK(load_rule("default_acl = ['u:bob:-']").diagnostics.empty());
  CHECK(places(load_rule("type = 'file'\ndefault_acl = []")) == Strings{"E0501 6:1"});
  CHECK(load_rule("directories = { default_acl = [], entries = [] }").diagnostics.empty());
  CHECK(places(load_rule("files = { default_acl = [] }")) == Strings{"E0501 5:11"});
}

TEST_CASE("entries are globs on names") {
  const auto want =
      want_of<EntriesWant>(load_rule("entries = ['a', '*.conf', '{b,c}']"), Aspect::entries);
  CHECK(want.names.size() == 3);
  CHECK(matches(want.names[1], ".conf"));
  CHECK(want_of<EntriesWant>(load_rule("entries = []"), Aspect::entries).names.empty());
  CHECK(places(load_rule("entries = ['a/b']")).size() == 1);
  CHECK(places(load_rule("entries = ['[']")).size() == 1);
  CHECK(places(load_rule("entries = '*'")) == Strings{"E0202 5:11"});
}

TEST_CASE("content is one or several digests, or what was accepted") {
  const std::string digest(64, 'a');
  CHECK(want_of<ContentWant>(load_rule("content = { sha256 = '" + digest + "' }"), Aspect::content)
            .sha256.at(0)[31] == 0xaa);
  CHECK(want_of<ContentWant>(
            load_rule("content.sha256 = ['" + digest + "', '" + std::string(64, 'B') + "']"),
            Aspect::content)
            .sha256.size() == 2);
  CHECK(places(load_rule("content = { sha256 = '" + digest + "a' }")) == Strings{"E0203 5:23"});
  CHECK(places(load_rule("content = { sha256 = '" + std::string(64, 'g') + "' }")).size() == 1);
  CHECK(places(load_rule("content = { sha256 = [] }")) == Strings{"E0203 5:22"});
  CHECK(places(load_rule("content = {}")) == Strings{"E0204 5:11"});
  CHECK(places(load_rule("content = 1")) == Strings{"E0202 5:11"});
  CHECK(places(load_rule("content = 'pin'")) == Strings{"E0203 5:12"});
  const Loaded pinned = load_rule("content = 'pinned'");
  CHECK(want_of<ContentWant>(pinned, Aspect::content).pinned);
  const Clause* const clause = find_clause(only_rule(pinned), Aspect::content);
  CHECK(clause->types.has(Type::symlink));
  CHECK_FALSE(clause->types.has(Type::directory));
  CHECK(places(load_rule("type = 'directory'\ncontent = 'pinned'")) == Strings{"E0501 6:1"});
  CHECK(places(load_rule("type = 'symlink'\ncontent.sha256 = '" + digest + "'")) ==
        Strings{"E0501 6:1"});
}

TEST_CASE("alternatives are tables of demands, numbered as they stand") {
  const Loaded loaded =
      load_rule("any_of = [{ owner = 'root', mode = '0640' }, { group = 'adm', acl = [] }]");
  REQUIRE(loaded.diagnostics.empty());
  const Rule& rule = only_rule(loaded);
  CHECK(rule.alternatives == 2);
  std::vector<std::uint32_t> of;
  for (const Clause& clause : rule.clauses) of.push_back(clause.alternative);
  CHECK(of == std::vector<std::uint32_t>{0, 0, 1, 1, 2, 2});
  CHECK(find_clause(rule, Aspect::owner) == nullptr);
  CHECK(places(load_rule("any_of = []")) == Strings{"E0203 5:10"});
  CHECK(places(load_rule("any_of = [{ owner = 'root' }, {}]")) == Strings{"E0204 5:31"});
  CHECK(places(load_rule("any_of = ['owner']")) == Strings{"E0202 5:11"});
  CHECK(places(load_rule("any_of = { owner = 'root' }")) == Strings{"E0202 5:10"});
  CHECK(places(load_rule("any_of = [{ files = {} }]")) == Strings{"E0201 5:13"});
  CHECK(places(load_rule("type = 'file'\nany_of = [{ target = 'x' }, { mode = '0600' }]")) ==
        Strings{"E0501 6:13"});
  CHECK(places(load_rule("presence = 'forbidden'\nany_of = [{ owner = 'root' }]")) ==
        Strings{"E0502 6:1"});
  CHECK(places(load_rule("any_of = [{ acl = ['u:bob:-'], mode = '0600' }, { mode = '0640' }]")) ==
        Strings{"E0424 5:13"});
  CHECK(load_rule("any_of = [{ acl = ['u:bob:-'], mode = '0640' }, { mode = '0600' }]")
            .diagnostics.empty());
}

TEST_CASE("every demand has a key, and presence and type are none") {
  CHECK(demand_of_key("mode")->aspect == Aspect::mode);
  CHECK(demand_of_key("max_links")->aspect == Aspect::links);
  CHECK(demand_of_key("links") == nullptr);
  CHECK(demand_of_key("presence") == nullptr);
  CHECK(demand_of_key("type") == nullptr);
  CHECK(demand_of_key("") == nullptr);
  CHECK(demand_keys().size() == 12);
}

}  // namespace
}  // namespace permward::test
