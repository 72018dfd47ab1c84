// SPDX-License-Identifier: Apache-2.0
#include "decide/waive.hpp"

#include "support/catch.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

using namespace std::chrono;
using test::component;
using test::on;
using test::pattern;
using test::policy_of;

constexpr year_month_day today{year(2027), month(3), day(31)};

Waiver waiver(std::string_view rule) {
  Waiver out;
  out.rule = component(rule);
  out.reason = "change request 4711";
  out.expires = today;
  return out;
}

// `cis-1` and `web`.
Policy with(std::vector<Waiver> waivers) {
  Policy policy = policy_of({on("/etc/a").id("cis-1"), on("/srv").id("web")});
  policy.waivers = std::move(waivers);
  return policy;
}

Finding violation(std::uint32_t rule = 0, std::string path = "/etc/ssh/config",
                  Aspect aspect = Aspect::mode) {
  Finding out;
  out.rule = rule;
  out.path = std::move(path);
  out.aspect = aspect;
  return out;
}

Finding waived(Finding finding, const Policy& policy, year_month_day on = today) {
  std::vector<Finding> findings = {std::move(finding)};
  waive(findings, policy, on);
  return findings.front();
}

TEST_CASE("a waiver accepts the violations of the rules that its glob names") {
  const Policy policy = with({waiver("cis-*")});
  REQUIRE(waived(violation(0), policy).status == Status::waived);
  REQUIRE(waived(violation(1), policy).status == Status::violation);
  REQUIRE(waived(violation(1), policy).message.empty());
}

TEST_CASE("without a waiver nothing is waived") {
  REQUIRE(waived(violation(), with({})).status == Status::violation);
}

TEST_CASE("a waiver may be for certain paths alone") {
  Waiver one = waiver("cis-*");
  one.path = pattern("/etc/ssh/*");
  const Policy policy = with({one});
  REQUIRE(waived(violation(0, "/etc/ssh/config"), policy).status == Status::waived);
  REQUIRE(waived(violation(0, "/etc/ssh/keys/rsa"), policy).status == Status::violation);
  REQUIRE(waived(violation(0, "/etc/ssh"), policy).status == Status::violation);
}

TEST_CASE("the path of a waiver may be that of the policy or the one after links") {
  Waiver one = waiver("*");
  one.path = pattern("/usr/bin/su");
  const Policy policy = with({one});
  Finding finding = violation(0, "/bin/su");
  REQUIRE(waived(finding, policy).status == Status::violation);
  finding.resolved = "/usr/bin/su";
  REQUIRE(waived(finding, policy).status == Status::waived);
  finding.path = "/usr/bin/su";
  finding.resolved = "/opt/su";
  REQUIRE(waived(finding, policy).status == Status::waived);
}

TEST_CASE("a waiver may be for certain aspects alone") {
  Waiver one = waiver("*");
  one.aspects = AspectSet(Aspect::mode);
  const Policy policy = with({one});
  REQUIRE(waived(violation(0, "/a", Aspect::mode), policy).status == Status::waived);
  REQUIRE(waived(violation(0, "/a", Aspect::acl), policy).status == Status::violation);
}

TEST_CASE("T108 a waiver holds on its last day and not on the day after") {
  const Policy policy = with({waiver("*")});
  REQUIRE(waived(violation(), policy, today).status == Status::waived);
  const year_month_day after{sys_days(today) + days(1)};
  const Finding back = waived(violation(), policy, after);
  REQUIRE(back.status == Status::violation);
  REQUIRE(back.message == "the waiver of it expired on 2027-03-31");
}

TEST_CASE("what an expired waiver adds stands behind what the finding says") {
  Finding finding = violation();
  finding.message = "others may write";
  const year_month_day after{year(2028), month(1), day(1)};
  REQUIRE(waived(finding, with({waiver("*")}), after).message ==
          "others may write; the waiver of it expired on 2027-03-31");
}

TEST_CASE("a waiver that holds counts, though another one has expired") {
  Waiver old = waiver("*");
  old.expires = year_month_day{year(2020), month(1), day(2)};
  for (const Policy& policy : {with({old, waiver("*")}), with({waiver("*"), old})}) {
    const Finding finding = waived(violation(), policy);
    REQUIRE(finding.status == Status::waived);
    REQUIRE(finding.message == "waived: change request 4711, until 2027-03-31");
  }
}

TEST_CASE("a waived finding says why, by whom and how long, with nothing that could deceive") {
  Waiver one = waiver("*");
  one.reason = "vendor\nappliance";
  one.approved_by = "security@example.org";
  Finding finding = violation();
  finding.message = "others may write";
  REQUIRE(waived(finding, with({one})).message ==
          "others may write; waived: vendor\\x0aappliance, approved by security@example.org, until "
          "2027-03-31");
}

TEST_CASE("a waiver without an end has none to show") {
  Waiver one = waiver("*");
  one.expires.reset();
  REQUIRE(waived(violation(), with({one})).message == "waived: change request 4711");
}

TEST_CASE("what could not be verified is not a deviation that somebody accepted") {
  for (const Status status : {Status::error, Status::pass, Status::failed, Status::refused}) {
    Finding finding = violation();
    finding.status = status;
    const Finding after = waived(finding, with({waiver("*")}));
    REQUIRE(after.status == status);
    REQUIRE(after.message.empty());
  }
}

}  // namespace
}  // namespace permward
