// SPDX-License-Identifier: Apache-2.0
#include "decide/restraint.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/states.hpp"

#include <string>
#include <vector>

namespace permward {
namespace {

using test::Seen;
using test::seen;

constexpr std::uint32_t bob = 1001;
constexpr std::uint32_t carol = 1002;
constexpr std::uint32_t web = 33;
constexpr AttributeSet immutable = Attribute::immutable;
constexpr AttributeSet append_only = Attribute::append_only;
const FileCapabilities chown_caps{1U << 0, 0, true, 0};
const FileCapabilities kill_caps{1U << 5, 0, true, 0};

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }
Seen directory(unsigned mode) { return seen(Type::directory).mode(mode); }
Seen bobs(unsigned mode) { return file(mode).owner(bob).group(bob); }
Seen with(const test::Texts& entries) { return file(0).acl(entries); }

Principals users(const std::vector<std::uint32_t>& ids) {
  Principals out;
  for (const std::uint32_t id : ids) out.add_user(id);
  return out;
}
Principals group(std::uint32_t id) {
  Principals out;
  out.add_group(id);
  return out;
}
Principals anyone() {
  Principals out;
  out.anyone = true;
  return out;
}

Surroundings controlled_by(const Principals& who) {
  Surroundings out;
  out.controllers = who;
  out.untrusted = who;
  return out;
}
Surroundings trusted(const Principals& who) {
  Surroundings out;
  out.controllers = who;
  return out;
}
Surroundings linked(Surroundings around) {
  around.links = 2;
  return around;
}
Surroundings offline(Surroundings around) {
  around.offline = true;
  return around;
}
Surroundings owner_demanded(Surroundings around) {
  around.owner_demanded = true;
  return around;
}

const Surroundings of_root = {};
const Surroundings of_bob = controlled_by(users({bob}));

struct Case {
  std::string what;
  Seen now;
  Seen wanted;
  Surroundings around;
  Seen state;
  Restraint why;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.what);
    const Restrained out = restrained(state_of(one.now), state_of(one.wanted), one.around);
    CHECK(test::text_of(out.state) == test::text_of(state_of(one.state)));
    CHECK(static_cast<int>(out.why) == static_cast<int>(one.why));
  }
}

constexpr Restraint none = Restraint::none;
constexpr Restraint second_link = Restraint::second_link;
constexpr Restraint controlled = Restraint::controlled;
constexpr Restraint unverified = Restraint::unverified;

TEST_CASE("what lies with root alone is brought all the way") {
  check({
      {"given", file(0600), bobs(0644), of_root, bobs(0644), none},
      {"taken", bobs(0644), file(0600), of_root, file(0600), none},
      {"with a second link", file(0600), file(0644), linked(of_root), file(0644), none},
      {"no longer immutable", file(0600).attributes(immutable), file(0644), of_root, file(0644),
       none},
      {"by those who are trusted", file(0600), bobs(0644), trusted(users({bob})), bobs(0644), none},
  });
}

Surroundings in_barred(AttributeSet bars) {
  Surroundings out;
  out.bars = bars;
  return out;
}

TEST_CASE("where its directory is barred an object keeps its name, and is brought all the way") {
  const ObjectState absent;
  const ObjectState there = state_of(file(0644));
  const auto why = [](const ObjectState& now, const ObjectState& wanted, AttributeSet bars) {
    const Restrained out = restrained(now, wanted, in_barred(bars));
    CHECK(out.state == (out.why == none ? wanted : now));
    return out.why;
  };
  ObjectState link = state_of(seen(Type::symlink).mode(0777));
  ObjectState other = link;
  other.target = "elsewhere";
  ObjectState filled = there;
  filled.content.emplace();
  for (const Attribute bar : {Attribute::immutable, Attribute::append_only}) {
    CHECK(why(there, absent, bar) == Restraint::barred);
    CHECK(why(link, other, bar) == Restraint::barred);
    CHECK(why(there, filled, bar) == Restraint::barred);
    CHECK(why(filled, there, bar) == none);
    CHECK(why(there, state_of(bobs(0600)), bar) == none);
    CHECK(restrained_install(there, there, in_barred(bar)).why == Restraint::barred);
  }
  CHECK(why(absent, there, immutable) == Restraint::barred);
  CHECK(why(absent, there, Attribute::append_only) == none);
  CHECK(restrained_install(absent, there, in_barred(immutable)).why == Restraint::barred);
  CHECK(restrained_install(absent, there, in_barred(Attribute::append_only)).why == none);
}

TEST_CASE("what has to be renamed there is not made in an append-only directory") {
  const ObjectState absent;
  const ObjectState link = state_of(seen(Type::symlink).mode(0777));
  ObjectState filled = state_of(file(0644));
  filled.content.emplace();
  Surroundings around = in_barred(append_only);
  const auto why = [&](const ObjectState& wanted) {
    const Restraint out = restrained(absent, wanted, around).why;
    CHECK(restrained_install(absent, wanted, around).why == out);
    return out;
  };
  CHECK(why(link) == Restraint::barred);
  CHECK(why(filled) == none);
  around.renames = true;
  CHECK(why(filled) == Restraint::barred);
  CHECK(why(state_of(file(0644))) == none);
  CHECK(why(state_of(directory(0755))) == none);
  around.bars = {};
  CHECK(why(filled) == none);
  CHECK(why(link) == none);
}

TEST_CASE("T05 an object with a second link is not touched where somebody controls its place") {
  check({
      {"not even narrowed", file(0644), file(0600), linked(of_bob), file(0644), second_link},
      {"not his own either", bobs(0644), bobs(0600), linked(of_bob), bobs(0644), second_link},
      {"in a sticky directory too", file(0644), file(0600), linked(controlled_by(anyone())),
       file(0644), second_link},
      {"nor a symlink", seen(Type::symlink).mode(0777), seen(Type::symlink).mode(0777).owner(bob),
       linked(of_bob), seen(Type::symlink).mode(0777), second_link},
      {"nor offline", file(0644), file(0600), offline(linked(of_bob)), file(0644), second_link},
      {"what is right has nothing to be refused", file(0644), file(0644), linked(of_bob),
       file(0644), none},
      {"the links of a directory are its directories", directory(0755), directory(0700),
       linked(of_bob), directory(0700), none},
      {"trust is no word on what lies elsewhere", file(0644), file(0600),
       linked(trusted(users({bob}))), file(0644), second_link},
      {"where root alone may make names they do not matter", file(0644), file(0600),
       linked(Surroundings{}), file(0600), none},
  });
}

TEST_CASE("where a user controls the place his own may be chmodded, both ways") {
  const test::Texts acl = {"user::rw-", "user:1002:rw-", "group::---", "mask::rw-", "other::---"};
  check({
      {"less", bobs(0666), bobs(0644), of_bob, bobs(0644), none},
      {"more", bobs(0600), bobs(0644), of_bob, bobs(0644), none},
      {"an ACL", bobs(0600), bobs(0).acl(acl), of_bob, bobs(0).acl(acl), none},
      {"a directory", directory(0700).owner(bob), directory(0755).owner(bob), of_bob,
       directory(0755).owner(bob), none},
      {"others of them being trusted", bobs(0600), bobs(0644),
       [] {
         Surroundings out = of_bob;
         out.controllers.add_user(carol);
         return out;
       }(),
       bobs(0644), none},
  });
}

TEST_CASE("whoever the place is controlled by, nothing is given to him or taken from him") {
  check({
      {"given", file(0644), file(0644).owner(bob), of_bob, file(0644), controlled},
      {"taken", bobs(0644), file(0644).group(bob), of_bob, bobs(0644), controlled},
      {"his group", bobs(0644), bobs(0644).group(web), of_bob, bobs(0644), controlled},
      {"to a third", file(0644), file(0644).owner(carol), of_bob, file(0644), controlled},
      {"and what narrows is done all the same", file(0666).owner(bob), file(0640), of_bob,
       file(0640).owner(bob), controlled},
  });
}

// 0640 was to let the group `ssl-cert` read; of the group that stays nobody said that it may.
TEST_CASE("rights that were for another group, or from another owner, are not granted") {
  check({
      {"another group", bobs(0600), bobs(0640).group(web), of_bob, bobs(0600), controlled},
      {"another owner", bobs(0400), file(0644).group(bob), of_bob, bobs(0400), controlled},
      {"an ACL", bobs(0600),
       bobs(0).group(web).acl(
           {"user::rw-", "user:1002:r--", "group::r--", "mask::r--", "other::---"}),
       of_bob, bobs(0600), controlled},
  });
}

TEST_CASE("what is not his, or not his alone, is only narrowed") {
  const auto both = users({bob, carol});
  check({
      {"root's, less", file(0666), file(0600), of_bob, file(0600), none},
      {"root's, more", file(0600), file(0644), of_bob, file(0600), controlled},
      {"root's, one and the other", file(0622), file(0644), of_bob, file(0600), controlled},
      {"a third's", file(0600).owner(carol), file(0644).owner(carol), of_bob,
       file(0600).owner(carol), controlled},
      {"his, but another controls it too", bobs(0600), bobs(0644), controlled_by(both), bobs(0600),
       controlled},
      {"his, but a group does", bobs(0600), bobs(0644), controlled_by(group(web)), bobs(0600),
       controlled},
      {"his, but everybody does", bobs(0600), bobs(0644), controlled_by(anyone()), bobs(0600),
       controlled},
      {"root's, where everybody may add", file(0600), file(0644), controlled_by(anyone()),
       file(0600), controlled},
      {"set-id bits go", file(06755), file(0755), of_bob, file(0755), none},
      {"and do not come", file(0755), file(04755), of_bob, file(0755), controlled},
      {"capabilities go", file(0755).capabilities(kill_caps), file(0755), of_bob, file(0755), none},
      {"where others are wanted, too", file(0755).capabilities(kill_caps),
       file(0755).capabilities(chown_caps), of_bob, file(0755), controlled},
      {"and do not come", file(0755), file(0755).capabilities(kill_caps), of_bob, file(0755),
       controlled},
      {"the sticky bit comes", directory(0777), directory(01777), of_bob, directory(01777), none},
      {"and does not go", directory(01777), directory(0777), of_bob, directory(01777), controlled},
      {"immutable comes", file(0644), file(0644).attributes(immutable), of_bob,
       file(0644).attributes(immutable), none},
      {"a default ACL is let be", directory(0755),
       directory(0755).default_acl({"user::rwx", "group::---", "other::---"}), of_bob,
       directory(0755), controlled},
  });
}

TEST_CASE("a set-user-ID program of root keeps the capabilities that bound it") {
  check({
      {"in a controlled place", file(04755).capabilities(kill_caps), file(04755), of_bob,
       file(04755).capabilities(kill_caps), controlled},
      {"they go with the bit", file(04755).capabilities(kill_caps), file(0755), of_bob, file(0755),
       none},
      {"where it is not verified", file(04775).capabilities(kill_caps), file(04755), of_root,
       file(04755).capabilities(kill_caps), unverified},
      {"others are not set there", file(04775).capabilities(kill_caps),
       file(04755).capabilities(chown_caps), of_root, file(04755).capabilities(kill_caps),
       unverified},
      {"where it is", file(04755).capabilities(kill_caps), file(04755), of_root, file(04755), none},
  });
}

TEST_CASE("an ACL is narrowed entry by entry") {
  const Seen shared = with(
      {"user::rw-", "user:1001:rw-", "user:1002:r--", "group::r--", "mask::rw-", "other::r--"});
  check({
      {"who is not listed is left without rights", shared,
       with({"user::rw-", "user:1002:r--", "group::r--", "mask::r--", "other::r--"}), of_bob,
       with({"user::rw-", "user:1001:---", "user:1002:r--", "group::r--", "mask::r--",
             "other::r--"}),
       controlled},
      {"who has more is cut", shared,
       with({"user::rw-", "user:1001:r--", "user:1002:rw-", "group::r--", "mask::rw-",
             "other::r--"}),
       of_bob,
       with({"user::rw-", "user:1001:r--", "user:1002:r--", "group::r--", "mask::rw-",
             "other::r--"}),
       controlled},
      {"who is to be denied is", file(0644),
       with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::r--"}), of_bob,
       with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::r--"}), none},
      {"the mask alone", shared,
       with({"user::rw-", "user:1001:rw-", "user:1002:r--", "group::r--", "mask::r--",
             "other::---"}),
       of_bob,
       with({"user::rw-", "user:1001:rw-", "user:1002:r--", "group::r--", "mask::r--",
             "other::---"}),
       none},
      {"a mask that nobody needs", with({"user::rw-", "group::rw-", "mask::r--", "other::---"}),
       file(0640), of_bob, file(0640), none},
  });
}

TEST_CASE("who is only to have more keeps what he has, and gets no entry") {
  check({
      // As one of the others he reads, and an entry would take that.
      {"than the others", file(0644),
       with({"user::rw-", "user:1002:rw-", "group::r--", "mask::rw-", "other::r--"}), of_bob,
       file(0644), controlled},
      {"a group", file(0644),
       with({"user::rw-", "group::r--", "group:33:rw-", "mask::rw-", "other::r--"}), of_bob,
       file(0644), controlled},
      {"while others are cut", file(0646),
       with({"user::rw-", "user:1002:rw-", "group::r--", "mask::rw-", "other::r--"}), of_bob,
       file(0644), controlled},
      // He may be of the group, or of the others: not more than the one, nor the other.
      {"than some, and less than others", file(0604),
       with({"user::rw-", "user:1002:-w-", "group::---", "mask::-w-", "other::r--"}), of_bob,
       with({"user::rw-", "user:1002:---", "group::---", "mask::---", "other::---"}), controlled},
  });
}

TEST_CASE("without group bits an ACL is skipped, and nobody gains by that") {
  const auto denied = [](const std::string& others) {
    return with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::" + others});
  };
  check({
      {"who is denied is not one of the others", denied("r--"), file(0604), of_bob,
       with({"user::rw-", "user:1002:---", "group::---", "mask::r--", "other::r--"}), controlled},
      {"not by a chmod either", denied("r--"),
       with({"user::rw-", "user:1002:---", "group::r--", "mask::---", "other::r--"}), of_bob,
       with({"user::rw-", "user:1002:---", "group::r--", "mask::---", "other::---"}), controlled},
      {"where nobody is denied the others keep theirs",
       with({"user::rw-", "user:1002:rw-", "group::r--", "mask::rw-", "other::r--"}),
       with({"user::rw-", "user:1002:rw-", "group::r--", "mask::---", "other::r--"}), of_bob,
       with({"user::rw-", "user:1002:rw-", "group::r--", "mask::---", "other::r--"}), none},
  });
}

TEST_CASE("an ACL that no kernel takes is let be, and lets everybody write whom it names") {
  const Seen odd = with({"user::rwx", "user:1002:rw-", "group::r--", "other::r--"});
  check({
      {"not narrowed", odd, file(0600), of_bob, odd, controlled},
      {"not armed", odd, file(04744), of_root, file(0744), unverified},
  });
}

TEST_CASE("what is immutable or append-only is not touched in a controlled place") {
  for (const AttributeSet barred : {immutable, append_only}) {
    check({
        {"root's", file(0666).attributes(barred), file(0600).attributes(barred), of_bob,
         file(0666).attributes(barred), controlled},
        {"his own", bobs(0666).attributes(barred), bobs(0600), of_bob,
         bobs(0666).attributes(barred), controlled},
        {"offline it is", file(0666).attributes(barred), file(0600), offline(of_bob), file(0600),
         none},
        {"where they are trusted, too", file(0666).attributes(barred), file(0600),
         trusted(users({bob})), file(0600), none},
    });
  }
}

TEST_CASE("offline nobody is there to move anything") {
  check({
      {"given", file(0600), bobs(0644), offline(of_bob), bobs(0644), none},
      {"granted", file(0600), file(0644), offline(controlled_by(anyone())), file(0644), none},
      {"armed in a directory of his", file(0755), file(04755), offline(of_bob), file(04755), none},
      {"but not what he could have written", file(0775), file(04755), offline(of_bob), file(0755),
       unverified},
      {"nor what is his", bobs(0755), file(04755), offline(of_bob), file(0755), unverified},
  });
}

TEST_CASE("of a symlink in a controlled place the owner stays") {
  const auto link = [] { return seen(Type::symlink).mode(0777); };
  check({
      {"given", link(), link().owner(bob), of_bob, link(), controlled},
      {"taken", link().owner(bob), link(), of_bob, link().owner(bob), controlled},
      {"led elsewhere", link().target("a"), link().target("b"), of_bob, link().target("a"),
       controlled},
      {"with root alone", link().owner(bob), link(), of_root, link(), none},
  });
}

TEST_CASE("nothing is made, taken away or led elsewhere where somebody controls the place") {
  const auto absent = [] { return Seen(Type::absent); };
  const auto his_link = [] { return seen(Type::symlink).mode(0777).owner(bob).group(bob); };
  check({
      {"made", absent(), file(0640), of_bob, absent(), controlled},
      {"made for him", absent(), bobs(0640), of_bob, absent(), controlled},
      {"a directory", absent(), directory(0755), controlled_by(group(web)), absent(), controlled},
      {"removed", file(0640), absent(), of_bob, file(0640), controlled},
      {"his own, removed", bobs(0640), absent(), of_bob, bobs(0640), controlled},
      {"his own link", his_link().target("a"), his_link().target("b"), of_bob,
       his_link().target("a"), controlled},
      {"where he is trusted", absent(), bobs(0640), trusted(users({bob})), bobs(0640), none},
      {"offline", absent(), file(04755), offline(of_bob), file(04755), none},
      {"with root alone", absent(), file(04755), of_root, file(04755), none},
      {"with a second link", file(0640), absent(), linked(trusted(users({bob}))), file(0640),
       second_link},
  });
}

TEST_CASE("what nobody else could have written is armed") {
  check({
      {"set-user-ID", file(0755), file(04755), of_root, file(04755), none},
      {"set-group-ID", file(0755).group(web), file(02755).group(web), of_root,
       file(02755).group(web), none},
      {"capabilities", file(0755), file(0755).capabilities(kill_caps), of_root,
       file(0755).capabilities(kill_caps), none},
      {"with a new group", file(0755), file(02755).group(web), of_root, file(02755).group(web),
       none},
      {"the demanded owner's", bobs(0755), bobs(04755), owner_demanded(of_root), bobs(04755), none},
      {"in his directory", bobs(0755), bobs(04755), owner_demanded(of_bob), bobs(04755), none},
      {"where he alone is trusted", bobs(0755), bobs(04755), owner_demanded(trusted(users({bob}))),
       bobs(04755), none},
      {"root's, to be the demanded owner's", file(0755), bobs(04755), owner_demanded(of_root),
       bobs(04755), none},
      {"an ACL that lets root and him write",
       with({"user::rwx", "user:0:rwx", "user:1001:rwx", "group::r-x", "mask::rwx", "other::r-x"})
           .owner(bob),
       file(04755).owner(bob), owner_demanded(of_root), file(04755).owner(bob), none},
      {"one whose mask lets nobody",
       with({"user::rwx", "user:1002:rwx", "group::rwx", "mask::r-x", "other::r-x"}), file(04755),
       of_root, file(04755), none},
      {"a directory's bits arm nothing", directory(0777), directory(02755), of_root,
       directory(02755), none},
  });
}

TEST_CASE("T08 T09 T10 what others could have written is put right, and not armed") {
  const auto acl = [](const std::string& entry) {
    return with({"user::rwx", entry, "group::r-x", "mask::rwx", "other::r-x"});
  };
  check({
      {"another's", bobs(0755), file(04755), of_root, file(0755), unverified},
      {"the wrong user's, for the demanded one", file(0755).owner(carol), bobs(04755),
       owner_demanded(of_root), bobs(0755), unverified},
      {"group-writable", file(0775), file(04755), of_root, file(0755), unverified},
      {"writable by all", file(0757), file(04755), of_root, file(0755), unverified},
      {"through a named user", acl("user:1001:rwx"), file(04755), of_root, file(0755), unverified},
      {"through a named group", acl("group:33:-w-"), file(04755), of_root, file(0755), unverified},
      {"through the owning group",
       with({"user::rwx", "user:1001:r-x", "group::rwx", "mask::rwx", "other::r-x"}), file(04755),
       of_root, file(0755), unverified},
      {"with a second link", file(0755), file(04755), linked(of_root), file(0755), unverified},
      {"in a directory of those who are trusted", file(0755), file(04755), trusted(users({bob})),
       file(0755), unverified},
      {"of a trusted group", file(0755), file(04755), trusted(group(web)), file(0755), unverified},
      {"of another than the demanded owner", bobs(0755), bobs(04755),
       owner_demanded(trusted(users({bob, carol}))), bobs(0755), unverified},
      {"set-group-ID", file(0775), file(02755), of_root, file(0755), unverified},
      {"capabilities", file(0775), file(0755).capabilities(kill_caps), of_root, file(0755),
       unverified},
      {"in a controlled place", file(0755), file(0755).capabilities(kill_caps), of_bob, file(0755),
       controlled},
  });
}

TEST_CASE("an owner whom no rule demands could have written it") {
  check({
      {"for a group", file(0755).owner(bob), file(02755).owner(bob).group(web), of_root,
       file(0755).owner(bob).group(web), unverified},
      {"for capabilities", bobs(0755), bobs(0755).capabilities(kill_caps), of_root, bobs(0755),
       unverified},
      {"in his own directory", bobs(0755), bobs(04755), of_bob, bobs(0755), unverified},
  });
}

TEST_CASE("what is armed already stays so, unless it gets another owner or group") {
  check({
      {"the same bits", file(04775), file(04755), of_root, file(04755), none},
      {"the same capabilities", file(0775).capabilities(kill_caps),
       file(0755).capabilities(kill_caps), of_root, file(0755).capabilities(kill_caps), none},
      {"bits for a new owner", file(04755).owner(carol), file(04755), of_root, file(0755),
       unverified},
      {"capabilities for a new group", file(0775).capabilities(kill_caps),
       file(0755).group(web).capabilities(kill_caps), of_root, file(0755).group(web), unverified},
      {"one bit more", file(04775), file(06755), of_root, file(04755), unverified},
      {"other capabilities", file(0775).capabilities(kill_caps),
       file(0755).capabilities(chown_caps), of_root, file(0755), unverified},
  });
}

// chown(2), inode(7): the bit outlives writes and chowns while the group may not execute.
TEST_CASE("set-group-ID without x of the group is not armed yet") {
  check({
      {"x arms it", file(02664), file(02755), of_root, file(0755), unverified},
      {"without x nothing is armed", file(02664), file(02644), of_root, file(02644), none},
      {"where nobody could have written it", file(02644), file(02755), of_root, file(02755), none},
  });
}

// chmod(2): it clears the bit for an owner who is not of the group.
TEST_CASE("an owner's file gets no program of its group's where he controls the place") {
  const Surroundings demanded = owner_demanded(of_bob);
  check({
      {"the bit", bobs(0755), bobs(02755), demanded, bobs(0755), controlled},
      {"x beside it", bobs(02644), bobs(02755), demanded, bobs(0755), controlled},
      {"a directory's", directory(0755).owner(bob), directory(02755).owner(bob), demanded,
       directory(0755).owner(bob), controlled},
      {"what is on stays", bobs(02755), bobs(02751), demanded, bobs(02751), none},
      {"no capabilities", bobs(0755), bobs(0755).capabilities(kill_caps), demanded, bobs(0755),
       controlled},
      {"they may go", bobs(0755).capabilities(kill_caps), bobs(0755), demanded, bobs(0755), none},
  });
}

TEST_CASE("what is put back may lie where its owner rules, and nobody else") {
  const ObjectState absent;
  const ObjectState his = state_of(bobs(04755));
  const ObjectState roots = state_of(file(0644));
  const auto why = [&](const ObjectState& now, const ObjectState& wanted,
                       const Surroundings& around) {
    const Restrained out = restrained_install(now, wanted, around);
    CHECK((out.state == wanted) == (out.why == Restraint::none));
    if (out.why != Restraint::none) CHECK(out.state == now);
    return out.why;
  };
  CHECK(why(absent, roots, {}) == Restraint::none);
  CHECK(why(absent, his, controlled_by(users({bob}))) == Restraint::none);
  CHECK(why(absent, roots, controlled_by(users({bob}))) == Restraint::controlled);
  CHECK(why(absent, his, controlled_by(users({bob, carol}))) == Restraint::controlled);
  CHECK(why(absent, his, controlled_by(group(web))) == Restraint::controlled);
  CHECK(why(absent, his, controlled_by(anyone())) == Restraint::controlled);
  CHECK(why(absent, roots, trusted(users({bob}))) == Restraint::none);
  CHECK(why(absent, roots, offline(controlled_by(anyone()))) == Restraint::none);
  // He could not lift what bars every change.
  const ObjectState barred = state_of(bobs(0644).attributes(immutable));
  CHECK(why(barred, his, controlled_by(users({bob}))) == Restraint::controlled);
  CHECK(why(barred, his, trusted(users({bob}))) == Restraint::none);
}

}  // namespace
}  // namespace permward
