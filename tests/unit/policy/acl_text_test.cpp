// SPDX-License-Identifier: Apache-2.0
#include "policy/acl_text.hpp"

#include "support/catch.hpp"

#include <string>

namespace permward {
namespace {

// "user deploy rw-", with an `X` at the end where it is stated.
std::string read(std::string_view text) {
  const auto entry = parse_acl_entry(text, AclKind::access);
  if (!entry) return entry.error().message;
  const std::string tag = entry->tag == AclTag::user    ? "user"
                          : entry->tag == AclTag::group ? "group"
                                                        : "mask";
  return tag + ' ' + std::string(entry->account) + ' ' + permissions_text(entry->permissions) +
         (entry->x_if_any_x ? "X" : "");
}

TEST_CASE("named entries and the mask, short and long") {
  CHECK(read("user:deploy:rw") == "user deploy rw-");
  CHECK(read("u:deploy:rw-") == "user deploy rw-");
  CHECK(read("group:web:r-x") == "group web r-x");
  CHECK(read("g:1001:r") == "group 1001 r--");
  CHECK(read("mask::rwx") == "mask  rwx");
  CHECK(read("m::---") == "mask  ---");
  CHECK(read("mask:r") == "mask  r--");
}

TEST_CASE("permissions in every form that setfacl takes") {
  CHECK(read("u:a:wr") == "user a rw-");
  CHECK(read("u:a:-") == "user a ---");
  CHECK(read("u:a:r---") == "user a r--");
  CHECK(read("u:a:rw-x") == "user a rwx");
  CHECK(read("u:a:rwX") == "user a rw-X");
  CHECK(read("u:a:Xr") == "user a r--X");
  CHECK(read("u:a:xX") == "user a --xX");
  CHECK(read("u:a:6") == "user a rw-");
  CHECK(read("u:a:0") == "user a ---");
  CHECK(read("u:a:07") == "user a rwx");
}

TEST_CASE("what setfacl refuses is refused") {
  for (const char* text : {"u:a:", "u:a:rr", "u:a:8", "u:a:77", "u:a:r w", "u:a:rwxrwx", "u:a:R",
                           "u:a:rq", "u:a:r:", "u:a:rs", "u:a: r", "m:"}) {
    INFO(text);
    CHECK(read(text).ends_with("are no permissions"));
  }
  CHECK(read("user:deploy") == "'user:deploy' has no permissions");
  CHECK(read("user") == "'user' has no permissions");
  CHECK(read("U:a:r") == "'U:a:r' is no entry of an ACL");
  CHECK(read("") == "'' is no entry of an ACL");
  CHECK(read("mask:joe:r") == "'mask:joe:r' names an account, and 'mask' has none");
  CHECK(parse_acl_entry("u:a:rq", AclKind::access).error().offset == 4);
}

TEST_CASE("base entries belong to mode and default entries to default_acl") {
  for (const char* text : {"user::rwx", "u::r", "group::r", "g::---", "other::r", "o:r", "o::"}) {
    INFO(text);
    CHECK(read(text).ends_with("is a base entry, and 'acl' is about the others"));
    CHECK(parse_acl_entry(text, AclKind::access).error().help.starts_with("say it with 'mode'"));
  }
  CHECK(read("default:user:a:r") == "'default:user:a:r' is an entry of a default ACL");
  CHECK(parse_acl_entry("d:u:a:r", AclKind::access).error().help == "it belongs in 'default_acl'");
}

TEST_CASE("T23 qualifiers that are no accounts") {
  for (const char* text : {"u: :r", "u:0x0:r", "u:-1:r", "u:4294967295:r", "u:0day:r", "g:a b:r",
                           "u:\xdb\xb0:r", "u:+0:r"}) {
    INFO(text);
    const auto entry = parse_acl_entry(text, AclKind::access);
    REQUIRE_FALSE(entry);
    CHECK(entry.error().code == Code::bad_account);
    CHECK(entry.error().offset == 2);
  }
}

}  // namespace
}  // namespace permward
