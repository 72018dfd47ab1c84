// SPDX-License-Identifier: Apache-2.0
// Twins for what lies beside mode and access ACL. An object `x` is checked. Its twin `z` was made
// by the same commands, and setfacl(1), chattr(1) or setcap(8) is asked to set on it what the
// policy demands: `x` is in policy exactly when getfacl(1), lsattr(1) or getcap(8) shows the twin
// unchanged. Nothing here reads a default ACL, an attribute or a capability as the product does.
//
// Where the tools do not answer with a change or none:
// - A default ACL whose mask comes out `---` is an `error` of that object.
// - An attribute that chattr was asked for and that lsattr does not show then (a file system that
//   has others refuses this one, or leaves it out for the type) is not set, and so a violation.
// - A file system that keeps none of a kind, where the tool refuses, makes it an `error`.
#include "fs/extended_twins_support.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/sampling.hpp"

#include <cstddef>
#include <iostream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;
using namespace permward::test::extended_twins;

namespace {

constexpr std::size_t objects_of_a_demand = 20;

using Verdicts = std::map<std::string, Status>;  // `PATH ASPECT`

std::string rule_text(const std::string& id, const std::string& path, const Kind& kind,
                      const std::string& demand) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + '\n' + kind.aspect() + " = " +
         demand + '\n';
}

Verdicts verdicts_of(const std::string& policy) {
  Verdicts out;
  for (const Finding& one : check_text(policy).outcome.findings) {
    REQUIRE(out.emplace(one.path.text() + ' ' + std::string(name(one.aspect)), one.status).second);
  }
  return out;
}

// A demand, and the objects that are checked against it.
struct Case {
  std::string id;
  std::string demand;
  Paths objects;
  Paths twins;
};

Case draw_case(Dice& dice, Kind& kind, const ImageMount& mount, std::size_t number) {
  Case out;
  out.id = "r" + std::to_string(number);
  const std::string top = mount.path("d" + std::to_string(number));
  for (const char* part : {"", "/x", "/z"}) {
    require(mkdir((top + part).c_str(), 0755) == 0, "mkdir " + top);
  }
  out.demand = kind.draw(dice);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < objects_of_a_demand; ++i) {
    const std::string at = std::to_string(i);
    pairs.emplace_back(top + "/x/" + at, top + "/z/" + at);
    out.objects.push_back(pairs.back().first);
    out.twins.push_back(pairs.back().second);
  }
  kind.make(dice, pairs);
  return out;
}

using Counts = std::map<Status, std::size_t>;

void compare(Kind& kind, const Case& one, const Verdicts& verdicts, Counts& counts) {
  const Shown objects = kind.show(one.objects);
  const Shown before = kind.show(one.twins);
  kind.set(one.demand, before);
  const Shown after = kind.show(one.twins);
  for (std::size_t i = 0; i < one.objects.size(); ++i) {
    const std::string& path = one.objects[i];
    const std::string& was = before.at(one.twins[i]);
    const std::string& is = after.at(one.twins[i]);
    REQUIRE(objects.at(path) == was);
    const auto it = verdicts.find(path + ' ' + kind.aspect());
    const Status status = it == verdicts.end() ? Status::pass : it->second;
    const Status expected = kind.expected(one.demand, was, is);
    ++counts[expected];
    if (status == expected) continue;
    FAIL(path << " is " << name(status) << ", the tools say " << name(expected) << '\n'
              << rule_text(one.id, path, kind, one.demand) << "its twin before:\n"
              << was << "\nand after:\n"
              << is);
  }
}

Counts compare_twins(Kind& kind, const std::string& what) {
  const std::size_t demands = sample(60, 500, "demands on " + what + ", each of 20 objects");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  Counts counts;
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed
                           << (run_all() ? " PERMWARD_TEST_ALL=1" : ""));
    const ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    std::vector<Case> cases;
    std::string policy;
    for (std::size_t i = 0; i < demands; ++i) {
      cases.push_back(draw_case(dice, kind, mount, i));
      policy += rule_text(cases.back().id, mount.path("d" + std::to_string(i)) + "/x/*", kind,
                          cases.back().demand);
    }
    const Verdicts verdicts = verdicts_of(policy);
    for (const Case& one : cases) compare(kind, one, verdicts, counts);
  }
  std::cout << "twins, " << what << ": " << counts[Status::pass] << " in policy, "
            << counts[Status::violation] << " violations, " << counts[Status::error] << " errors"
            << std::endl;
  REQUIRE(counts[Status::pass] > demands);
  REQUIRE(counts[Status::violation] > demands);
  return counts;
}

}  // namespace

TEST_CASE("verdicts on default ACLs are what setfacl would change") {
  REQUIRE(compare_twins(*default_acls(), "default ACLs")[Status::error] > 0);
}

TEST_CASE("verdicts on attributes are what chattr would change") {
  REQUIRE(compare_twins(*attributes(), "attributes")[Status::error] == 0);
}

TEST_CASE("verdicts on capabilities are what setcap would change") {
  REQUIRE(compare_twins(*capabilities(), "capabilities")[Status::error] == 0);
}

TEST_CASE("what a tool refuses where a file system keeps none of it is an error") {
  TempTree place;
  const Mounted mounted("ramfs", place.directory("bare"), "ramfs");
  const std::string directory = place.directory("bare/d");
  const std::string file = place.file("bare/f");
  struct Row {
    std::string path;
    std::string demand;
    std::vector<std::string> tool;
  };
  const std::vector<Row> rows = {
      {directory, "default_acl = [\"user:7001:r\"]", {"setfacl", "-d", "-m", "u:7001:r"}},
      {directory, "default_acl = []", {"setfacl", "-k"}},
      {file, "attributes = \"d\"", {"chattr", "+d"}},
      {file, "capabilities = \"cap_net_raw=ep\"", {"setcap", "-q", "cap_net_raw=ep"}}};
  for (const Row& row : rows) {
    INFO(row.demand);
    const bool taken = runs(with(row.tool, {row.path}));
    const std::string rule = "[[rule]]\nid = \"r\"\npath = " + quoted(row.path) + '\n';
    const Verdicts verdicts = verdicts_of(rule + row.demand + '\n');
    REQUIRE(verdicts.size() == (taken ? 0 : 1));
    if (!taken) REQUIRE(verdicts.begin()->second == Status::error);
  }
  // Where there are none, there is nothing to take away: chattr and setcap refuse even that.
  const std::string rule = "[[rule]]\nid = \"r\"\npath = " + quoted(file) + '\n';
  REQUIRE(verdicts_of(rule + "attributes = { clear = \"di\" }\ncapabilities = \"\"\n").empty());
}
