// SPDX-License-Identifier: Apache-2.0
// Mounts that came after the mounts were read.
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/swept.hpp"

#include <string>
#include <sys/mount.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

}  // namespace

TEST_CASE("a recursion does not enter a mount that nobody knew of - T19") {
  for (const bool old_kernel : {false, true}) {
    for (const char* type : {"tmpfs", "bind", "proc"}) {
      INFO(type << (old_kernel ? ", an old kernel" : ""));
      Swept swept;
      swept.old_kernel = old_kernel;
      TempTree& tree = swept.tree;
      tree.file("other/x", "", 0666);
      tree.file("t/x", "", 0600);
      tree.file("t/m/under", "", 0600);
      const bool bind = std::string(type) == "bind";
      const Mounted mounted(tree.path("other"), tree.path("t/m"), bind ? "" : type,
                            bind ? MS_BIND : 0);
      if (std::string(type) == "tmpfs") tree.file("t/m/x", "", 0666);
      const std::string policy = rule(
          "t", "/t", "recurse = true\nmode = { at_most = \"0755\" }\nfiles = { mode = \"0600\" }");
      REQUIRE(swept.lines(policy).empty());
      REQUIRE(swept.outcome.not_entered.size() == 1);
      REQUIRE(swept.outcome.not_entered[0].path == "/t/m");
      REQUIRE(swept.outcome.objects == 2);

      // What the policy names there cannot be told from what it meant.
      REQUIRE(swept.lines(policy + rule("f", "/t/m/x", "presence = \"forbidden\"") +
                          rule("u", "/t/m/under", "mode = \"0600\"")) ==
              Lines{"/t/m path error", "/t/m/under path error", "/t/m/x path error"});
    }
  }
}
