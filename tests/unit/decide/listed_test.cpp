// SPDX-License-Identifier: Apache-2.0
// Demands that list what may be there: known accounts, entries of directories, digests of content.
#include "decide/compare.hpp"
#include "model/snapshot.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <string>
#include <utility>

namespace permward {
namespace {

using test::exact;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Seen;
using test::seen;
using test::Texts;

Texts said(const RuleSpec& rule, const Observed& observed) {
  Texts out = test::complaints(policy_of({rule}), "/x", observed);
  for (std::string& line : out) line = line.substr(3);
  return out;
}

IdWant known() {
  IdWant want;
  want.known = true;
  return want;
}

// What `/x`, of which an `entries` demand lists `a` alone, has beside it.
Texts said_of_entries(std::uint64_t count, const Texts& first) {
  const Policy policy = policy_of({on("/x").want(
      Aspect::entries, EntriesWant{{Component{Component::Kind::literal, "a", {}, {}}}})});
  const EntriesWant* want =
      &std::get<EntriesWant>(find_clause(policy.rules[0], Aspect::entries)->want);
  return test::complaints(policy, "/x", seen(Type::directory).unlisted(want, count, first));
}

TEST_CASE("a known owner is any that has an account") {
  const RuleSpec rule = on("/x").want(Aspect::owner, known());
  CHECK(said(rule, seen(Type::file).owner(1001)).empty());
  CHECK(said(rule, seen(Type::file).owner(4242).owner_account({Read::value, 0, false})) ==
        Texts{"owner: 4242, expected a known account (the id has no account)"});
  CHECK(said(rule, seen(Type::file).owner(4242).owner_account({Read::unreadable, EIO, false})) ==
        Texts{"owner error: 4242, expected a known account (the id could not be looked up: "
              "Input/output error)"});
  const RuleSpec group = on("/x").want(Aspect::group, known());
  CHECK(said(group, seen(Type::file).owner_account({Read::value, 0, false})).empty());
  CHECK(said(group, seen(Type::file).group_account({Read::value, 0, false})).size() == 1);
}

TEST_CASE("an id that stands for all that have none is nobody's whom a rule means - T92 T93") {
  const std::string unmapped =
      "the id stands for all that have none in this user namespace or mount: whose it is is not "
      "known";
  const RuleSpec nobody = on("/x").owner({"65534"}).group({"65534"});
  CHECK(said(nobody, seen(Type::file).owner(65534).group(65534)).empty());
  CHECK(said(nobody, seen(Type::file).owner(65534).group(65534).owner_unmapped()) ==
        Texts{"owner error: 65534, expected 65534 (" + unmapped + ")"});
  CHECK(said(nobody, seen(Type::file).owner(65534).group(65534).group_unmapped()) ==
        Texts{"group error: 65534, expected 65534 (" + unmapped + ")"});
  CHECK(
      said(on("/x").want(Aspect::owner, known()), seen(Type::file).owner(65534).owner_unmapped()) ==
      Texts{"owner error: 65534, expected a known account (" + unmapped + ")"});
  // Nobody who has an id here has this one.
  CHECK(said(on("/x").owner({"0"}), seen(Type::file).owner(65534).owner_unmapped()) ==
        Texts{"owner: 65534, expected root"});
  CHECK(said(on("/x").mode(exact(0644)), seen(Type::file).owner(65534).owner_unmapped()).empty());
}

TEST_CASE("a known owner beside a listed one is both") {
  const Policy policy =
      policy_of({on("/x").want(Aspect::owner, known()), on("/x").owner({"4242"})});
  CHECK(conflicts(policy, targets_as_written(policy)).empty());
  CHECK(test::verdicts(policy, "/x",
                       seen(Type::file).owner(4242).owner_account({Read::value, 0, false})) ==
        Texts{"r0 presence pass", "r0 type pass", "r0 owner violation", "r1 presence pass",
              "r1 type pass", "r1 owner pass"});
}

TEST_CASE("entries that nobody lists are one violation that names the first few") {
  CHECK(said_of_entries(0, {}).empty());
  CHECK(said_of_entries(1, {"b"}) == Texts{"r0 entries: b, expected a (1 entry is not listed)"});
  CHECK(said_of_entries(9, {"b", "c\n", "d"}) ==
        Texts{"r0 entries: b, c\\x0a, d and 6 more, expected a (9 entries are not listed)"});
  CHECK(said(on("/x").want(Aspect::entries, EntriesWant{}),
             seen(Type::directory).entries_unreadable(EACCES)) ==
        Texts{"entries error: unknown, expected none (the directory could not be listed: "
              "Permission denied)"});
}

TEST_CASE("content is any of the digests that are listed") {
  Sha256::Digest one{};
  Sha256::Digest other{};
  other[0] = 0xff;
  const RuleSpec rule = on("/x").want(Aspect::content, ContentWant{{one, other}});
  CHECK(said(rule, seen(Type::file).content(other)).empty());
  Sha256::Digest third{};
  third[31] = 1;
  CHECK(said(rule, seen(Type::file).content(third)) ==
        Texts{"content: sha256 " + hex(third) + ", expected sha256 " + hex(one) + " or " +
              hex(other) + " (the content differs)"});
}

TEST_CASE("T71 content that could not be read to its end is never in policy") {
  const RuleSpec rule = on("/x").want(Aspect::content, ContentWant{{Sha256::Digest{}}});
  const std::pair<int, std::string> errors[] = {
      {EBUSY, "the file is being written to"},
      {EFBIG, "the file is too large to be hashed"},
      {EINTR, "interrupted before the content was read"},
      {EWOULDBLOCK, "another process holds a write lease on the file"},
      {EACCES, "the content could not be read: Permission denied"},
  };
  for (const auto& [error, message] : errors) {
    CHECK(said(rule, seen(Type::file).content_unreadable(error)) ==
          Texts{"content error: unknown, expected sha256 " + hex(Sha256::Digest{}) + " (" +
                message + ")"});
  }
}

TEST_CASE("pinned content is what was accepted") {
  const RuleSpec rule = on("/x").want(Aspect::content, ContentWant{{}, true});
  SnapshotObject accepted;
  accepted.state.type = Type::file;
  accepted.digest[0] = 0xff;
  const std::string digest = "sha256 " + hex(accepted.digest);
  Sha256::Digest other{};
  const auto file = [&](const Sha256::Digest& content) {
    return seen(Type::file).content(content);
  };
  CHECK(said(rule, file(accepted.digest).accepted(&accepted)).empty());
  CHECK(said(rule, file(other).accepted(&accepted)) ==
        Texts{"content: sha256 " + hex(other) + ", expected " + digest +
              " (not what was accepted; `permward snapshot create` accepts a change)"});
  CHECK(said(rule, file(other).accepted(nullptr)) ==
        Texts{"content error: sha256 " + hex(other) +
              ", expected as accepted (never accepted; `permward snapshot create` accepts it as it "
              "is)"});
  CHECK(said(rule, file(accepted.digest).accepted_unreadable(EBADMSG)) ==
        Texts{"content error: sha256 " + hex(accepted.digest) +
              ", expected as accepted (what was accepted could not be read: Bad message)"});
  CHECK(said(rule, seen(Type::file).content_unreadable(EBUSY).accepted(&accepted)) ==
        Texts{"content error: unknown, expected " + digest + " (the file is being written to)"});
}

TEST_CASE("of what has other names it is not said that it is accepted wherever it lies") {
  const RuleSpec rule =
      on("/x").want(Aspect::content, ContentWant{{}, true}).type({Type::file, Type::symlink});
  SnapshotObject accepted;
  accepted.state.type = Type::file;
  accepted.digest[0] = 0xff;
  const auto message = [&](const Seen& file) {
    const std::string line = said(rule, file).front();
    return line.substr(line.find('('));
  };
  const std::string unless = ", unless others may make names where it lies: it has 2)";
  CHECK(message(seen(Type::file).content({}).links(2).accepted(nullptr)) ==
        "(never accepted; `permward snapshot create` accepts it as it is" + unless);
  CHECK(message(seen(Type::file).content({}).links(2).accepted(&accepted)) ==
        "(not what was accepted; `permward snapshot create` accepts a change" + unless);
  CHECK(message(seen(Type::symlink).target("a").links(2).accepted(nullptr)) ==
        "(never accepted; `permward snapshot create` accepts it as it is" + unless);
}

TEST_CASE("content of another size is another content, whether or not it can be read") {
  const RuleSpec rule = on("/x").want(Aspect::content, ContentWant{{}, true});
  SnapshotObject accepted;
  accepted.state.type = Type::file;
  accepted.size = 4;
  const std::string digest = "sha256 " + hex(accepted.digest);
  const auto unread = [&](std::uint64_t size, int error) {
    return said(rule, seen(Type::file).content_unreadable(error).size(size).accepted(&accepted));
  };
  CHECK(unread(3221225472, EFBIG) == Texts{"content: 3221225472 bytes, expected " + digest +
                                           " (accepted with 4 bytes; the file is too large to be "
                                           "hashed)"});
  CHECK(unread(1, EACCES) == Texts{"content: 1 byte, expected " + digest +
                                   " (accepted with 4 bytes; the content could not be read: "
                                   "Permission denied)"});
  CHECK(unread(4, EFBIG) == Texts{"content error: unknown, expected " + digest +
                                  " (the file is too large to be hashed)"});
  CHECK(said(rule, seen(Type::file).content({}).size(5).accepted(&accepted)).empty());
  // Of a link there is no size that could be compared.
  SnapshotObject link;
  link.state.type = Type::symlink;
  link.state.target = "a";
  CHECK(said(rule, seen(Type::file).content_unreadable(EACCES).size(1).accepted(&link)) ==
        Texts{"content: unknown, expected a link to a (the content could not be read: Permission "
              "denied)"});
}

TEST_CASE("what is pinned of a symlink is its target") {
  const RuleSpec rule =
      on("/x").want(Aspect::content, ContentWant{{}, true}).type({Type::file, Type::symlink});
  SnapshotObject link;
  link.state.type = Type::symlink;
  link.state.target = "a\nb";
  SnapshotObject file;
  file.state.type = Type::file;
  const auto to = [](const char* target) { return seen(Type::symlink).target(target); };
  CHECK(said(rule, to("a\nb").accepted(&link)).empty());
  CHECK(said(rule, to("c").accepted(&link)) ==
        Texts{"content: a link to c, expected a link to a\\x0ab (not what was accepted; `permward "
              "snapshot create` accepts a change)"});
  CHECK(said(rule, seen(Type::symlink).target_unreadable(EACCES).accepted(&link)) ==
        Texts{"content error: unknown, expected a link to a\\x0ab (the link could not be read: "
              "Permission denied)"});
  // One in the place of a file is not what was accepted, whatever either says.
  CHECK(said(rule, to("").accepted(&file)).size() == 1);
  CHECK(said(rule, seen(Type::file).content({}).accepted(&link)) ==
        Texts{"content: sha256 " + hex(Sha256::Digest{}) +
              ", expected a link to a\\x0ab (not what was accepted; `permward snapshot create` "
              "accepts a change)"});
}

TEST_CASE("rules on one path with lists that do not meet contradict each other") {
  Sha256::Digest one{};
  Sha256::Digest other{};
  other[0] = 1;
  const auto clash = [](const RuleSpec& a, const RuleSpec& b) {
    const Policy policy = policy_of({a, b});
    return conflicts(policy, targets_as_written(policy)).size();
  };
  const auto content = [](std::vector<Sha256::Digest> digests) {
    return on("/x").want(Aspect::content, ContentWant{std::move(digests)});
  };
  CHECK(clash(content({one}), content({other})) == 1);
  CHECK(clash(content({one}), content({other, one})) == 0);
  const RuleSpec pinned = on("/x").want(Aspect::content, ContentWant{{}, true});
  CHECK(clash(content({one}), pinned) == 0);
  const auto default_acl = [](std::optional<std::uint8_t> others,
                              std::optional<std::uint8_t> user) {
    DefaultAclWant want;
    want.other = others;
    want.user_obj = user;
    return on("/x").want(Aspect::default_acl, want);
  };
  CHECK(clash(default_acl(0, {}), default_acl({}, 7)) == 0);
  CHECK(clash(default_acl(0, {}), default_acl(5, 7)) == 1);
  CHECK(clash(default_acl({}, {}), default_acl(5, {})) == 1);
  CHECK(clash(default_acl({}, {}), default_acl({}, {})) == 0);
}

TEST_CASE("entries and content are read only for rules that are reported on") {
  const Policy policy = policy_of(
      {on("/x").want(Aspect::content, ContentWant{{Sha256::Digest{}}}), on("/x").owner({"root"})});
  test::Walk all(policy);
  CHECK(all.demand("/x", Type::file).asks.has(Facet::content));
  test::Walk selected(policy, {}, {}, {false, true});
  CHECK_FALSE(selected.demand("/x", Type::file).asks.has(Facet::content));
}

}  // namespace
}  // namespace permward
