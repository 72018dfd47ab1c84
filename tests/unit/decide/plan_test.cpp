// SPDX-License-Identifier: Apache-2.0
#include "decide/plan.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/states.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

using test::Seen;
using test::seen;
using test::Texts;

constexpr AttributeSet immutable = Attribute::immutable;
constexpr AttributeSet append_only = Attribute::append_only;
const FileCapabilities chown_caps{1U << 0, 0, true, 0};  // cap_chown=ep
const FileCapabilities kill_caps{1U << 5, 0, true, 0};   // cap_kill=ep

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }
Seen with(const Texts& acl) { return file(0).acl(acl); }
Seen directory(unsigned mode) { return seen(Type::directory).mode(mode); }

struct Case {
  std::string what;
  Seen now;
  Seen wanted;
  Texts actions;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.what);
    CHECK(test::texts_of(plan(state_of(one.now), state_of(one.wanted))) == one.actions);
  }
}

TEST_CASE("where nothing differs nothing is done") {
  const Texts acl = {"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"};
  check({
      {"a plain file", file(0644), file(0644), {}},
      {"set-id bits", file(06755), file(06755), {}},
      {"an ACL", file(0).acl(acl), file(0).acl(acl), {}},
      {"capabilities",
       file(0755).capabilities(chown_caps),
       file(0755).capabilities(chown_caps),
       {}},
      {"immutable", file(0644).attributes(immutable), file(0644).attributes(immutable), {}},
      {"a default ACL", directory(0755).default_acl(acl), directory(0755).default_acl(acl), {}},
      {"a symlink", seen(Type::symlink).mode(0777), seen(Type::symlink).mode(0777), {}},
  });
}

ObjectState with_content(const Seen& seen, unsigned char content) {
  ObjectState out = state_of(seen);
  out.content.emplace().fill(content);
  return out;
}

TEST_CASE("another content comes with a new inode, and what bars every change after that") {
  const ObjectState old = with_content(file(0644), 1);
  const ObjectState renewed = with_content(file(0640), 2);
  CHECK(test::texts_of(plan(old, renewed)) == Texts{"install file"});
  CHECK(test::texts_of(plan(ObjectState{}, renewed)) == Texts{"install file"});
  CHECK(test::texts_of(plan(state_of(file(0644)), renewed)) == Texts{"install file"});
  // The same content stays where it is, and of what is not known nothing is said.
  CHECK(test::texts_of(plan(old, with_content(file(0600), 1))) == Texts{"mode 0600"});
  CHECK(test::texts_of(plan(old, state_of(file(0600)))) == Texts{"mode 0600"});

  const ObjectState barred = with_content(file(0644).attributes(immutable), 1);
  const ObjectState bars = with_content(file(0640).attributes(immutable), 2);
  CHECK(test::texts_of(plan(barred, bars)) ==
        Texts{"attributes - immutable", "install file", "attributes + immutable"});
  CHECK(test::texts_of(plan(barred, renewed)) == Texts{"attributes - immutable", "install file"});
  CHECK(test::texts_of(plan(ObjectState{}, bars)) ==
        Texts{"install file", "attributes + immutable"});
  CHECK(installed(bars).attributes.empty());
}

TEST_CASE("a link is made as a whole, and takes the place of a file, as a file takes a link's") {
  ObjectState link = state_of(seen(Type::symlink).mode(0777));
  link.target = "a";
  const ObjectState contents = with_content(file(0644), 1);
  CHECK(test::texts_of(plan(ObjectState{}, link)) == Texts{"install symlink"});
  CHECK(test::texts_of(plan(contents, link)) == Texts{"install symlink"});
  CHECK(test::texts_of(plan(link, contents)) == Texts{"install file"});
  ObjectState other = link;
  other.target = "b";
  CHECK(test::texts_of(plan(link, other)) == Texts{"target b"});
}

TEST_CASE("only what differs is touched") {
  check({
      {"the mode", file(0644), file(0640), {"mode 0640"}},
      {"the mode, both ways in one step", file(0604), file(0660), {"mode 0660"}},
      {"the owner", file(0640).owner(1001), file(0640), {"owner 0:-"}},
      {"the group", file(0640), file(0640).group(33), {"owner -:33"}},
      {"both", file(0640).owner(1001).group(33), file(0640), {"owner 0:0"}},
      {"capabilities",
       file(0755),
       file(0755).capabilities(chown_caps),
       {"capabilities cap_chown=ep"}},
      {"other capabilities",
       file(0755).capabilities(kill_caps),
       file(0755).capabilities(chown_caps),
       {"capabilities cap_chown=ep"}},
      {"no capabilities", file(0755).capabilities(kill_caps), file(0755), {"capabilities none"}},
      {"an attribute",
       file(0640).attributes(Attribute::no_dump),
       file(0640).attributes(append_only),
       {"attributes + append_only - no_dump"}},
  });
}

TEST_CASE("what bars every change is lifted first and put back last") {
  check({
      {"for a mode",
       file(0644).attributes(immutable),
       file(0640).attributes(immutable),
       {"attributes - immutable", "mode 0640", "attributes + immutable"}},
      {"both of them",
       file(0644).attributes(immutable | append_only),
       file(0640).attributes(append_only),
       {"attributes - immutable, append_only", "mode 0640", "attributes + append_only"}},
      {"for good",
       file(0644).attributes(immutable),
       file(0640),
       {"attributes - immutable", "mode 0640"}},
      {"for another attribute",
       file(0644).attributes(immutable),
       file(0644).attributes(immutable | Attribute::no_dump),
       {"attributes - immutable", "attributes + immutable, no_dump"}},
      {"put on only at the end",
       file(0644),
       file(0640).attributes(immutable),
       {"mode 0640", "attributes + immutable"}},
      {"not lifted for itself",
       file(0644).attributes(immutable),
       file(0644).attributes(append_only),
       {"attributes + append_only - immutable"}},
      {"nor append-only for the other",
       file(0644).attributes(append_only),
       file(0644).attributes(immutable | append_only),
       {"attributes + immutable"}},
      {"but to add the other",
       file(0644).attributes(immutable),
       file(0644).attributes(immutable | append_only),
       {"attributes - immutable", "attributes + immutable, append_only"}},
      {"and to take the other away",
       file(0644).attributes(immutable | append_only),
       file(0644).attributes(immutable),
       {"attributes - immutable, append_only", "attributes + immutable"}},
  });
}

TEST_CASE("set-id bits go before the owner changes, and come last") {
  check({
      {"T13 rights are cut to those in common",
       file(04666).owner(1001).group(33),
       file(0640),
       {"mode 0640", "owner 0:0"}},
      {"not even for a while the new owner's",
       file(04755).owner(1001),
       file(04755),
       {"mode 0755", "owner 0:-", "mode 4755"}},
      {"set-group-ID without x outlives a chown, and goes before",
       file(02644).group(33),
       file(0644),
       {"mode 0644", "owner -:0"}},
      {"what is granted is granted after",
       file(0600).owner(1001),
       file(0644),
       {"owner 0:-", "mode 0644"}},
      {"nothing in common",
       file(0444).owner(1001),
       file(0222),
       {"mode 0000", "owner 0:-", "mode 0222"}},
      {"without a new owner they stay on", file(04755), file(04711), {"mode 4711"}},
  });
}

TEST_CASE("capabilities that a chown drops are set again where they are wanted") {
  check({
      {"wanted",
       file(0755).owner(1001).capabilities(chown_caps),
       file(0755).capabilities(chown_caps),
       {"owner 0:-", "capabilities cap_chown=ep"}},
      {"not wanted", file(0755).owner(1001).capabilities(chown_caps), file(0755), {"owner 0:-"}},
      {"only after the mode",
       file(0700).owner(1001),
       file(0755).capabilities(chown_caps),
       {"owner 0:-", "mode 0755", "capabilities cap_chown=ep"}},
      {"dropped before others may execute",
       file(0700).capabilities(kill_caps),
       file(0755),
       {"capabilities none", "mode 0755"}},
      {"after others may not any more",
       file(0755).capabilities(kill_caps),
       file(0700),
       {"mode 0700", "capabilities none"}},
      {"and before they change",
       file(0700).capabilities(kill_caps),
       file(0755).capabilities(chown_caps),
       {"capabilities none", "mode 0755", "capabilities cap_chown=ep"}},
  });
}

// capabilities(7): a set-user-ID program of root that has file capabilities runs with those alone,
// and with all of them if it has none.
TEST_CASE("a set-user-ID program of root is never without the capabilities that bound it") {
  check({
      {"the bit goes before them",
       file(04755).capabilities(kill_caps),
       file(0700),
       {"mode 0700", "capabilities none"}},
      {"and comes after them",
       file(0700),
       file(04755).capabilities(kill_caps),
       {"mode 0755", "capabilities cap_kill=ep", "mode 4755"}},
      {"both",
       file(04755).capabilities(kill_caps),
       file(04711).capabilities(chown_caps),
       {"mode 0711", "capabilities cap_chown=ep", "mode 4711"}},
      {"with a new owner",
       file(0755).owner(1001),
       file(04755).capabilities(FileCapabilities{}),
       {"owner 0:-", "capabilities =", "mode 4755"}},
      {"one step where nothing else differs",
       file(04755).capabilities(kill_caps),
       file(04755).capabilities(chown_caps),
       {"capabilities cap_chown=ep"}},
      {"somebody else's is no more than his",
       file(0700).owner(1001),
       file(04755).owner(1001).capabilities(kill_caps),
       {"mode 4755", "capabilities cap_kill=ep"}},
  });
}

TEST_CASE("an ACL is dropped by one write of three entries, and its mask is nobody's right") {
  const Seen masked =
      file(0).acl({"user::rw-", "user:1001:rw-", "group::---", "mask::rw-", "other::---"});
  check({
      {"the group keeps what it has", masked, file(0600), {"acl user::rw-,group::---,other::---"}},
      {"with another mode", masked, file(0640), {"acl user::rw-,group::r--,other::---"}},
      {"a mask alone",
       file(0).acl({"user::rw-", "group::rw-", "mask::r--", "other::---"}),
       file(0640),
       {"acl user::rw-,group::r--,other::---"}},
  });
}

TEST_CASE("an ACL that says more than the mode is written whole, before the set-id bits") {
  const Texts acl = {"user::rwx", "user:1001:r-x", "group::r-x", "mask::r-x", "other::---"};
  const std::string text = "acl user::rwx,user:1001:r-x,group::r-x,mask::r-x,other::---";
  check({
      {"where there was none", file(0750), file(0).acl(acl), {text}},
      {"no chmod before it", file(0700), file(0).acl(acl), {text}},
      {"set-id bits go before", file(06750), file(0).acl(acl), {"mode 0750", text}},
      {"and come after", file(0750), file(04000).acl(acl), {text, "mode 4750"}},
      {"those of both stay", file(04750), file(04000).acl(acl), {text}},
  });
}

TEST_CASE("where only the mode's own entries differ a chmod does") {
  const auto acl = [](const std::string& user, const std::string& mask, const std::string& other) {
    return file(0).acl(
        {"user::" + user, "user:1001:rwx", "group::r-x", "mask::" + mask, "other::" + other});
  };
  check({
      {"the mask", acl("rw-", "rwx", "---"), acl("rw-", "r--", "---"), {"mode 0640"}},
      {"all three", acl("rw-", "rwx", "---"), acl("r--", "r-x", "--x"), {"mode 0451"}},
      {"the owning group's is not of them",
       acl("rw-", "rwx", "---"),
       file(0).acl({"user::rw-", "user:1001:rwx", "group::---", "mask::rwx", "other::---"}),
       {"acl user::rw-,user:1001:rwx,group::---,mask::rwx,other::---"}},
  });
}

TEST_CASE(
    "before an owner changes the ACL is cut, and whoever is named there is not let in early") {
  const Texts both = {"user::rw-", "user:1001:r--", "group::r--", "mask::rw-", "other::---"};
  check({
      // 1001 owns it and reads and writes; that he is named comes into force with the chown.
      {"the owner's own entry",
       with({"user::rw-", "user:1002:rw-", "group::---", "mask::rw-", "other::---"}).owner(1001),
       with({"user::rw-", "user:1001:rw-", "group::---", "mask::rw-", "other::---"}),
       {"acl user::rw-,group::---,other::---", "owner 0:-",
        "acl user::rw-,user:1001:rw-,group::---,mask::rw-,other::---"}},
      {"where he was named already",
       with(
           {"user::rw-", "user:1001:r--", "user:1002:r--", "group::---", "mask::r--", "other::---"})
           .owner(1001),
       with({"user::rw-", "user:1001:rw-", "group::---", "mask::rw-", "other::---"}),
       {"acl user::rw-,user:1001:r--,user:1002:---,group::---,mask::r--,other::---", "owner 0:-",
        "acl user::rw-,user:1001:rw-,group::---,mask::rw-,other::---"}},
      {"of the owner to be, too",
       file(0).owner(1001).acl(
           {"user::rw-", "user:0:rw-", "group::---", "mask::rw-", "other::---"}),
       file(0600),
       {"acl user::rw-,user:0:---,group::---,mask::rw-,other::---", "owner 0:-",
        "acl user::rw-,group::---,other::---"}},
      {"the same ACL is in force all the while",
       file(0).owner(1001).acl(both),
       file(0).acl(both),
       {"owner 0:-"}},
      {"set-id bits go before",
       file(06000).owner(1001).acl(both),
       file(0).acl(both),
       {"mode 0660", "owner 0:-"}},
      {"without a mask in common others are not let in past a denial",
       file(0).owner(1001).acl(
           {"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::r--"}),
       file(0).acl({"user::rw-", "user:1002:---", "group::-w-", "mask::-w-", "other::r--"}),
       {"acl user::rw-,user:1002:---,group::---,mask::---,other::---", "owner 0:-",
        "acl user::rw-,user:1002:---,group::-w-,mask::-w-,other::r--"}},
  });
}

// On a full file system, or where a hostile owner has filled the attributes of his file.
TEST_CASE("T40 T80 an ACL that need not fit is written when all else is tight") {
  const Texts two = {"user::rw-",  "user:1002:rw-", "user:1003:r--",
                     "group::r--", "mask::rw-",     "other::r--"};
  const std::string text =
      "acl user::rw-,user:1002:rw-,user:1003:r--,group::r--,mask::rw-,other::r--";
  check({
      {"a new owner comes first, and all but him keep what all of them have",
       file(0666).owner(1001),
       with(two),
       {"mode 0644", "owner 0:-", text}},
      {"with somebody who is to be denied nobody is let in early",
       file(0666).owner(1001),
       with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::r--"}),
       {"mode 0600", "owner 0:-", "acl user::rw-,user:1002:---,group::r--,mask::r--,other::r--"}},
      {"one that is as long is cut",
       with({"user::rw-", "user:7:rw-", "group::r--", "mask::rw-", "other::---"}).owner(1001),
       with({"user::rw-", "user:8:rw-", "group::r--", "mask::rw-", "other::---"}),
       {"acl user::rw-,group::---,other::---", "owner 0:-",
        "acl user::rw-,user:8:rw-,group::r--,mask::rw-,other::---"}},
      {"the mode", file(0666), with(two), {"mode 0644", text}},
      {"the entries that are there",
       with({"user::rw-", "user:1003:rw-", "group::rw-", "mask::rw-", "other::rw-"}),
       with(two),
       {"acl user::rw-,user:1003:r--,group::r--,mask::rw-,other::r--", text}},
      {"a shorter one fits",
       with({"user::rw-", "user:7:rw-", "user:1002:rw-", "user:1003:rw-", "group::rw-", "mask::rw-",
             "other::rw-"}),
       with(two),
       {text}},
  });
}

TEST_CASE("the sticky bit comes early and goes late") {
  check({
      {"on with the mode, one step", directory(0755), directory(01777), {"mode 1777"}},
      {"on before a new group has its rights",
       directory(0777),
       directory(01777).group(33),
       {"mode 1777", "owner -:33"}},
      {"off after",
       directory(01777),
       directory(0755).group(33),
       {"mode 1755", "owner -:33", "mode 0755"}},
      {"on before an ACL lets more in",
       directory(0755),
       directory(01000).acl(
           {"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::r-x"}),
       {"mode 1755", "acl user::rwx,user:1001:rwx,group::r-x,mask::rwx,other::r-x"}},
      {"off after an ACL",
       directory(01000).acl(
           {"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::r-x"}),
       directory(0755),
       {"acl user::rwx,group::r-x,other::r-x", "mode 0755"}},
  });
}

TEST_CASE("a directory keeps its set-id bits through a chown") {
  check({
      {"kept", directory(02775).owner(1001), directory(02775), {"owner 0:-"}},
      {"and the rights are cut all the same",
       directory(02777).owner(1001),
       directory(02755),
       {"mode 2755", "owner 0:-"}},
      {"unwanted", directory(02755).owner(1001), directory(0755), {"owner 0:-", "mode 0755"}},
  });
}

TEST_CASE("a default ACL is written whole, after the owner and before what is granted") {
  const Texts acl = {"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::---"};
  const std::string text = "default acl user::rwx,user:1001:rwx,group::r-x,mask::rwx,other::---";
  check({
      {"alone", directory(0755), directory(0755).default_acl(acl), {text}},
      {"none", directory(0755).default_acl(acl), directory(0755), {"default acl none"}},
      {"in its order",
       directory(0700).owner(1001),
       directory(0755).default_acl(acl),
       {"owner 0:-", text, "mode 0755"}},
  });
}

TEST_CASE("T40 T80 a default ACL that need not fit is written when all else is tight") {
  const Texts acl = {"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::---"};
  const Texts longer = {"user::rwx",  "user:1001:rwx", "user:1002:r-x",
                        "group::r-x", "mask::rwx",     "other::---"};
  const std::string text = "default acl user::rwx,user:1001:rwx,group::r-x,mask::rwx,other::---";
  check({
      {"the mode comes first",
       directory(0777),
       directory(0755).default_acl(acl),
       {"mode 0755", text}},
      {"what narrows it",
       directory(0772),
       directory(0757).default_acl(acl),
       {"mode 0752", text, "mode 0757"}},
      {"the ACL, too",
       directory(0).acl({"user::rwx", "user:7:rwx", "group::rwx", "mask::rwx", "other::---"}),
       directory(0)
           .acl({"user::rwx", "user:7:r-x", "group::r-x", "mask::rwx", "other::---"})
           .default_acl(acl),
       {"acl user::rwx,user:7:r-x,group::r-x,mask::rwx,other::---", text}},
      {"a shorter one fits",
       directory(0777).default_acl(longer),
       directory(0755).default_acl(acl),
       {text, "mode 0755"}},
  });
}

TEST_CASE("of a symlink nothing is changed but whose it is, and where it leads") {
  const auto link = [] { return seen(Type::symlink).mode(0777); };
  check({
      {"the owner", link().owner(1001), link(), {"owner 0:-"}},
      {"the group", link().group(33), link(), {"owner -:0"}},
      {"the target is that of a new link", link().target("a"), link().target("b"), {"target b"}},
      {"the new link is given away like the old one",
       link().target("a").owner(1001),
       link().target("b"),
       {"target b", "owner 0:-"}},
  });
}

TEST_CASE("what is missing is made without a right, and then is what it is to be") {
  const auto absent = [] { return Seen(Type::absent); };
  check({
      {"a file", absent(), file(0640).owner(1001), {"create file", "owner 1001:-", "mode 0640"}},
      {"a directory",
       absent(),
       seen(Type::directory).mode(0755),
       {"create directory", "mode 0755"}},
      {"nothing", absent(), absent(), {}},
      {"what is there is removed", file(0640), absent(), {"remove"}},
      {"what bars that is lifted, and not put back",
       file(0640).attributes({Attribute::immutable}),
       absent(),
       {"attributes - immutable", "remove"}},
  });
}

TEST_CASE("what two states have in common names everybody whom either names") {
  const auto common = [](const Seen& a, const Seen& b) {
    return test::text_of(common_acl(state_of(a), state_of(b)));
  };
  CHECK(common(file(0664), file(0640)) == "user::rw-,group::r--,mask::rwx,other::---");
  CHECK(common(file(0).acl({"user::rwx", "user:1:rw-", "user:2:r--", "group::r--", "mask::rw-",
                            "other::r--"}),
               file(0).acl({"user::rw-", "user:2:rwx", "group::rw-", "group:3:r--", "mask::r-x",
                            "other::r--"})) ==
        "user::rw-,user:1:---,user:2:r--,group::r--,group:3:---,mask::r--,other::r--");
}

}  // namespace
}  // namespace permward
