// SPDX-License-Identifier: Apache-2.0
// What a sweep says when the tree is no longer what it was when the policy's paths were resolved.
#include "engine/sweep.hpp"

#include "base/sha256.hpp"
#include "support/catch.hpp"
#include "support/swept.hpp"

#include <string>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

// Three literal paths below `/d`, one of each presence, and one deeper.
std::string literals() {
  return rule("required", "/d/required", "mode = \"0600\"") +
         rule("optional", "/d/optional", "presence = \"optional\"\nmode = \"0600\"") +
         rule("forbidden", "/d/forbidden", "presence = \"forbidden\"") +
         rule("deep", "/d/e/f/deep", "presence = \"optional\"\nmode = \"0600\"");
}

void make_literals(TempTree& tree) {
  tree.file("d/required", "", 0600);
  tree.file("d/optional", "", 0600);
  tree.file("d/e/f/deep", "", 0600);
}

}  // namespace

TEST_CASE("below a directory that has become a link nothing is vouched for - T04") {
  Swept swept;
  make_literals(swept.tree);
  REQUIRE(swept.lines(literals()).empty());
  const Lines refused = {"/d/e/f/deep path error", "/d/forbidden path error",
                         "/d/optional path error", "/d/required path error"};
  const auto becomes_a_link = [&] {
    REQUIRE(rename(swept.tree.path("d").c_str(), swept.tree.path("moved").c_str()) == 0);
    swept.tree.symlink("d", "moved");
  };
  REQUIRE(swept.lines(literals(), becomes_a_link) == refused);
  REQUIRE(swept.outcome.compliant == 0);
  REQUIRE(swept.outcome.objects == 4);
}

TEST_CASE("below a directory that is gone, or none any more, all is absent - T105") {
  for (const bool file : {false, true}) {
    Swept swept;
    make_literals(swept.tree);
    const auto goes = [&] {
      REQUIRE(rename(swept.tree.path("d").c_str(), swept.tree.path("moved").c_str()) == 0);
      if (file) swept.tree.file("d");
    };
    REQUIRE(swept.lines(literals(), goes) == Lines{"/d/required presence violation"});
    REQUIRE(swept.outcome.objects == 1);
  }
}

TEST_CASE("a directory that can no longer be searched hides nothing silently") {
  if (geteuid() == 0) return;  // root searches everything; see the tests of file systems
  Swept swept;
  make_literals(swept.tree);
  REQUIRE(swept.lines(literals(), [&] { swept.tree.chmod("d", 0600); }) ==
          Lines{"/d/e/f/deep path error", "/d/forbidden path error", "/d/optional path error",
                "/d/required path error"});
}

TEST_CASE(
    "the top of a recursion that is gone is absent and what came instead is its type - T105") {
  Swept swept;
  swept.tree.file("t/x", "", 0600);
  const std::string policy = rule("t", "/t", "recurse = true\nfiles = { mode = \"0600\" }");
  REQUIRE(swept.lines(policy).empty());
  REQUIRE(swept.lines(policy, [&] {
    REQUIRE(rename(swept.tree.path("t").c_str(), swept.tree.path("u").c_str()) == 0);
  }) == Lines{"/t presence violation"});
  swept.tree.directory("t");
  REQUIRE(swept.lines(policy, [&] {
    REQUIRE(rmdir(swept.tree.path("t").c_str()) == 0);
    swept.tree.symlink("t", "u");
  }) == Lines{"/t type violation"});
}

TEST_CASE("findings do not depend on the number of threads") {
  Swept swept;
  for (int i = 0; i < 300; ++i) {
    swept.tree.file(
        "t/" + std::to_string(i % 7) + "/" + std::to_string(i % 31) + "/" + std::to_string(i), "",
        i % 3 == 0 ? 0666 : 0600);
  }
  const std::string policy = rule("t", "/t", "recurse = true\nfiles = { mode = \"0600\" }") +
                             rule("g", "/t/*/*/1*", "mode = \"go-w\"");
  const Lines one = swept.lines(policy);
  const std::uint64_t objects = swept.outcome.objects;
  REQUIRE(one.size() >= 100);
  for (const unsigned jobs : {2U, 4U, 16U}) {
    swept.options.jobs = jobs;
    REQUIRE(swept.lines(policy) == one);
    REQUIRE(swept.outcome.objects == objects);
    REQUIRE(swept.outcome.compliant == objects - 100);
  }
}

TEST_CASE("files that take long to hash are as those of one thread, however many there are") {
  Swept swept;
  const std::string large((std::size_t{1} << 20) + 1, 'x');
  for (int i = 0; i < 150; ++i) {  // more than descriptors are kept for
    swept.tree.file("t/" + std::to_string(i), i % 10 == 0 ? large + "y" : large);
    swept.tree.file("t/small-" + std::to_string(i), "x");
  }
  swept.tree.file("t/d/e/f", large + "z");
  const std::string policy = rule("t", "/t",
                                  "recurse = true\ncontent = { sha256 = [\"" + sha256_hex(large) +
                                      "\", \"" + sha256_hex("x") + "\"] }");
  const Lines one = swept.lines(policy);
  REQUIRE(one.size() == 16);
  REQUIRE(swept.outcome.objects == 302);  // and the top
  for (const unsigned jobs : {2U, 4U}) {
    swept.options.jobs = jobs;
    REQUIRE(swept.lines(policy) == one);
    REQUIRE(swept.outcome.objects == 302);
    REQUIRE(swept.outcome.compliant == 286);
  }
}

TEST_CASE("a stop ends the sweep with what there is") {
  Swept swept;
  for (int i = 0; i < 100; ++i) swept.tree.file("t/" + std::to_string(i) + "/f", "", 0666);
  const std::atomic<bool> stop{true};
  swept.options.stop = &stop;
  for (const unsigned jobs : {1U, 4U}) {
    swept.options.jobs = jobs;
    const Lines lines = swept.lines(rule("t", "/t", "recurse = true\nfiles = { mode = \"0600\" }"));
    REQUIRE(swept.outcome.interrupted);
    REQUIRE(lines.size() < 100);
  }
}

TEST_CASE("a stop is heeded within a wide directory") {
  Swept swept;
  for (int i = 0; i < 20000; ++i) swept.tree.file(std::to_string(i), "", 0600);
  const std::atomic<bool> stop{true};
  swept.options.stop = &stop;
  (void)swept.lines(rule("t", "/", "recurse = true\nfiles = { mode = { at_most = \"0600\" } }"));
  REQUIRE(swept.outcome.interrupted);
  REQUIRE(swept.outcome.objects < 20000);
}
