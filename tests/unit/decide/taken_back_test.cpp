// SPDX-License-Identifier: Apache-2.0
#include "decide/taken_back.hpp"

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
const FileCapabilities chown_caps{1U << 0, 0, true, 0};
const test::Texts named = {"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::r--"};

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }
Seen directory(unsigned mode) { return seen(Type::directory).mode(mode); }
Seen absent() { return Seen(Type::absent); }

bool left(const Seen& now, const Seen& before, const Seen& after) {
  return as_left(state_of(now), state_of(before), state_of(after));
}

TEST_CASE("an object is as it was left if nothing differs that the change speaks of") {
  CHECK(left(file(0640), file(0666), file(0640)));
  CHECK_FALSE(left(file(0600), file(0666), file(0640)));
  CHECK_FALSE(left(file(0640).owner(bob), file(0666), file(0640)));
  CHECK_FALSE(left(file(0640).group(bob), file(0666), file(0640)));
  CHECK_FALSE(left(file(0).acl(named), file(0666), file(0664)));
  CHECK_FALSE(left(file(0640).capabilities(chown_caps), file(0666), file(0640)));
  CHECK_FALSE(left(directory(0755), file(0666), file(0640)));
  CHECK_FALSE(left(seen(Type::symlink).target("c"), seen(Type::symlink).target("a"),
                   seen(Type::symlink).target("b")));
  CHECK(left(absent(), file(0640), absent()));
  CHECK_FALSE(left(file(0640), file(0640), absent()));
}

TEST_CASE("attributes and default ACLs count where the change made a difference to them") {
  const AttributeSet no_dump = Attribute::no_dump;
  const AttributeSet immutable = Attribute::immutable;
  CHECK(left(file(0640).attributes(no_dump), file(0666), file(0640)));
  CHECK_FALSE(left(file(0640), file(0666), file(0640).attributes(no_dump)));
  CHECK_FALSE(left(file(0640).attributes(immutable), file(0666), file(0640)));
  CHECK(left(directory(0755).default_acl(named), directory(0777), directory(0755)));
  CHECK_FALSE(left(directory(0755).default_acl(named), directory(0755).default_acl(named),
                   directory(0755)));
}

struct Case {
  std::string what;
  Seen now;
  Seen before;
  Seen after;
  Seen end;
};

TEST_CASE("what a change speaks of is as it was before, and the rest stays") {
  const AttributeSet no_dump = Attribute::no_dump;
  const AttributeSet immutable = Attribute::immutable;
  const std::vector<Case> cases = {
      {"mode and owner", file(0640), file(0666).owner(bob), file(0640), file(0666).owner(bob)},
      {"an ACL", file(0640), file(0).acl(named), file(0640), file(0).acl(named)},
      {"what was changed since, too", file(0600), file(0666), file(0640), file(0666)},
      {"an attribute that nobody spoke of", file(0640).attributes(no_dump), file(0666), file(0640),
       file(0666).attributes(no_dump)},
      {"an attribute that was set", file(0640).attributes(no_dump | immutable), file(0640),
       file(0640).attributes(immutable), file(0640).attributes(no_dump)},
      {"a default ACL that nobody spoke of", directory(0755).default_acl(named), directory(0777),
       directory(0755), directory(0777).default_acl(named)},
      {"a default ACL that was dropped", directory(0755), directory(0755).default_acl(named),
       directory(0755), directory(0755).default_acl(named)},
      {"what was made", file(0640), absent(), file(0640), absent()},
      {"what was removed", absent(), file(0640).owner(bob), absent(), file(0640).owner(bob)},
      {"a link", seen(Type::symlink).mode(0777).target("b"),
       seen(Type::symlink).mode(0777).target("a"), seen(Type::symlink).mode(0777).target("b"),
       seen(Type::symlink).mode(0777).target("a")},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    const ObjectState end =
        taken_back(state_of(one.now), state_of(one.before), state_of(one.after));
    CHECK(test::text_of(end) == test::text_of(state_of(one.end)));
  }
}

TEST_CASE("an account that an ACL named twice has one entry when it is set back") {
  const Seen twice = file(0).acl(
      {"user::rw-", "user:1001:rw-", "user:1001:r--", "group::r--", "mask::rw-", "other::---"});
  const ObjectState end = taken_back(state_of(file(0640)), state_of(twice), state_of(file(0640)));
  CHECK(end.acl.size() == 5);
}

}  // namespace
}  // namespace permward
