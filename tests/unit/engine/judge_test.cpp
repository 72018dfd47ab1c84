// SPDX-License-Identifier: Apache-2.0
#include "engine/judge.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"

#include <cerrno>
#include <string>
#include <vector>

using namespace permward;

namespace {

Target target(std::vector<std::string> head, std::string shown) {
  Target out;
  out.head = std::move(head);
  out.shown = std::move(shown);
  return out;
}

// Counts whom it is asked about.
class CountingNames final : public NameService {
 public:
  Found id_of(AccountKind, const std::string&) override { return {}; }
  Found has_account(AccountKind, std::uint32_t) override { return {}; }
  ListedUsers users(UserSource) override { return UserList(); }
  std::string name_of(AccountKind, std::uint32_t) override {
    ++asked;
    return "name";
  }
  std::vector<std::string> names(AccountKind) override { return {}; }

  std::size_t asked = 0;
};

// Of a file whose ACL names `count` users from `first` on.
test::Seen file_for(std::uint32_t first, std::uint32_t count) {
  std::vector<AclEntry> entries{{AclTag::user_obj, 6, 0}};
  for (std::uint32_t i = 0; i < count; ++i) entries.push_back({AclTag::user, 4, first + i});
  entries.push_back({AclTag::group_obj, 4, 0});
  entries.push_back({AclTag::mask, 4, 0});
  entries.push_back({AclTag::other, 0, 0});
  return test::seen(Type::file).acl(entries);
}

}  // namespace

TEST_CASE("the name service is not asked about all that hostile ACLs name") {
  const Policy policy;
  Rules rules;
  rules.policy = &policy;
  CountingNames names;
  Judge judge(rules, names, false);
  const AccountNames& known = judge.names_for(file_for(1000, 100));
  CHECK(names.asked == 102);  // owner and group too
  CHECK(known.text(AccountKind::user, 1099) == "name");
  (void)judge.names_for(file_for(1000, 100));
  CHECK(names.asked == 102);
  (void)judge.names_for(file_for(10000, 8187));
  const std::size_t of_one = names.asked;
  CHECK(of_one < 102 + 200);
  CHECK(known.text(AccountKind::user, 18186) == "18186");
  for (std::uint32_t i = 0; i < 1000; ++i) (void)judge.names_for(file_for(100000 + 128 * i, 128));
  CHECK(names.asked > of_one + 10000);
  CHECK(names.asked < of_one + 20000);
}

TEST_CASE("a path is shown in the policy's words as far as these go") {
  struct {
    std::vector<std::string> head;
    const char* shown;
    const char* real;
    const char* expected;
  } const cases[] = {
      {{"etc", "x"}, "/etc/x", "/etc/x", "/etc/x"},
      {{"usr", "bin"}, "/bin", "/usr/bin", "/bin"},
      {{"usr", "bin"}, "/bin", "/usr/bin/su", "/bin/su"},
      {{"usr", "bin"}, "/bin", "/usr/bin/deep/er", "/bin/deep/er"},
      {{"bin"}, "/usr/local/bin", "/bin/x", "/usr/local/bin/x"},
      // A link to the root, and the root itself.
      {{}, "/link", "/", "/link"},
      {{}, "/link", "/etc/x", "/link/etc/x"},
      {{}, "/", "/", "/"},
      {{}, "/", "/etc", "/etc"},
      {{"r"}, "/", "/r", "/"},
      {{"r"}, "/", "/r/etc", "/etc"},
      // Nothing below the head: as it is.
      {{"etc", "x"}, "/etc/x", "/etc", "/etc"},
  };
  for (const auto& one : cases) {
    INFO(one.shown << " at " << one.real);
    REQUIRE(shown_path(target(one.head, one.shown), one.real) == one.expected);
  }
}

TEST_CASE("an error as a message says what could not be done, to what, and why") {
  REQUIRE(message_of({ErrorKind::denied, "look at", "/etc/x", EACCES}) ==
          "could not look at /etc/x: Permission denied");
  REQUIRE(message_of({ErrorKind::insecure_path, "follow a link that is not root's,", "/home/d",
                      0}) == "refused to follow a link that is not root's, /home/d");
  REQUIRE(message_of({ErrorKind::changed, "find again", "/a", 0}) ==
          "could not find again /a: it has been replaced");
  REQUIRE(message_of({ErrorKind::io, "list its entries", "", EIO}) ==
          "could not list its entries: Input/output error");
}

TEST_CASE("what was told no path is an error of the object's") {
  const Result<void> failed = Error{ErrorKind::unsupported, "change the attributes of", "", ENOTTY};
  REQUIRE(message_of(at_path(failed, "/srv/x").error()) ==
          "could not change the attributes of /srv/x: Inappropriate ioctl for device");
  const Result<void> named =
      Error{ErrorKind::denied, "make a name in a directory that is", "immutable", EPERM};
  REQUIRE(at_path(named, "/srv/x").error().subject == "immutable");
  REQUIRE(at_path({}, "/srv/x").ok());
}

TEST_CASE("only a path that cannot be followed safely is told as unsafe") {
  Finding finding;
  tell_unseen(finding, {ErrorKind::denied, "look at", "/etc/x", EACCES});
  REQUIRE((finding.aspect == Aspect::path && finding.status == Status::error && !finding.unsafe));
  tell_unseen(finding, {ErrorKind::insecure_path, "follow a link that is not root's,", "/d", 0});
  REQUIRE((finding.status == Status::error && finding.unsafe));
}

TEST_CASE("a message does not repeat a path that no system call would take") {
  REQUIRE(message_of({ErrorKind::denied, "look at", "/" + std::string(4999, 'x'), EACCES}) ==
          "could not look at a path of 5000 bytes: Permission denied");
}

TEST_CASE("names in a message are fit for a terminal - T78") {
  const std::string message = message_of({ErrorKind::io, "look at", "/a\n\x1b[2J\xff", EIO});
  for (const char byte : message) REQUIRE((byte >= 0x20 && byte < 0x7f));
}
