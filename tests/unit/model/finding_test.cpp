// SPDX-License-Identifier: Apache-2.0
#include "model/finding.hpp"

#include "base/sha256.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace permward {
namespace {

Finding finding(std::string path, Aspect aspect = Aspect::mode) {
  Finding out;
  out.path = std::move(path);
  out.aspect = aspect;
  return out;
}

TEST_CASE("findings are ordered by the bytes of their paths, then by aspect") {
  std::vector<Finding> findings = {
      finding("/etc/b"),
      finding("/etc/a", Aspect::acl),
      finding("/etc/a", Aspect::owner),
      finding("/etc/\xff"),
      finding("/etc/a/b"),
      finding("/etc/a-b"),
      finding("/etc/\xc3\xbc"),
      finding("/etc"),
      finding("/etc/B"),
  };
  std::sort(findings.begin(), findings.end(), report_order);
  std::vector<std::string> paths;
  for (const Finding& one : findings)
    paths.push_back(one.path.text() + " " + std::string(name(one.aspect)));
  REQUIRE(paths == std::vector<std::string>{"/etc mode", "/etc/B mode", "/etc/a owner",
                                            "/etc/a acl", "/etc/a-b mode", "/etc/a/b mode",
                                            "/etc/b mode", "/etc/\xc3\xbc mode", "/etc/\xff mode"});
}

TEST_CASE("two findings that differ in anything have one order") {
  Finding base = finding("/a");
  const auto ordered = [&base](const Finding& other) {
    return report_order(base, other) != report_order(other, base);
  };
  Finding other = base;
  REQUIRE_FALSE(ordered(other));
  other.rule = 1;
  REQUIRE(ordered(other));
  other = base;
  other.source = {0, 3, 1};
  REQUIRE(ordered(other));
  other = base;
  other.resolved = "/usr/a";
  REQUIRE(ordered(other));
  other = base;
  other.status = Status::error;
  REQUIRE(ordered(other));
  other = base;
  other.expected = "0640";
  REQUIRE(ordered(other));
}

TEST_CASE("a fingerprint is the digest of rule, path and aspect with NULs between") {
  const std::string wanted = sha256_hex(std::string("nginx-conf\0/etc/nginx/nginx.conf\0mode", 37));
  REQUIRE(fingerprint("nginx-conf", "/etc/nginx/nginx.conf", Aspect::mode) == wanted);
  REQUIRE(wanted.size() == 64);
}

TEST_CASE("fingerprints do not depend on where one part ends and the next begins") {
  REQUIRE(fingerprint("ab", "/c", Aspect::mode) != fingerprint("a", "b/c", Aspect::mode));
  REQUIRE(fingerprint("a", "/c", Aspect::mode) != fingerprint("a", "/c", Aspect::owner));
}

TEST_CASE("an object is known by its path after links") {
  Finding one = finding("/bin/su");
  REQUIRE(one.object() == "/bin/su");
  one.resolved = "/usr/bin/su";
  REQUIRE(one.object() == "/usr/bin/su");
}

TEST_CASE("statuses are called as the report calls them") {
  REQUIRE(name(Status::pass) == "pass");
  REQUIRE(name(Status::violation) == "violation");
  REQUIRE(name(Status::corrected) == "corrected");
  REQUIRE(name(Status::would_correct) == "would_correct");
  REQUIRE(name(Status::refused) == "refused");
  REQUIRE(name(Status::failed) == "failed");
  REQUIRE(name(Status::waived) == "waived");
  REQUIRE(name(Status::error) == "error");
}

}  // namespace
}  // namespace permward
