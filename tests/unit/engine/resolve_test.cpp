// SPDX-License-Identifier: Apache-2.0
#include "engine/resolve.hpp"

#include "os/mounts.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::vector<bool> active_rules(const Policy& policy, SafeOpen& safe_open,
                               const std::optional<std::string>& hostname) {
  std::vector<bool> out;
  for (const Rule& rule : policy.rules) {
    out.push_back(in_force(rule, safe_open, hostname) == InForce::yes);
  }
  return out;
}

// A tree in the place of `/`. That it belongs to whoever runs the test makes links in it somebody
// else's, unless that is root.
struct RootTree {
  TempTree tree;
  Kernel kernel;
  Mounts mounts;
  Observer observer{kernel, mounts};
  Fd fd{open(tree.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  SafeOpen safe_open{kernel, observer, fd.get()};

  // Where the paths of a policy lead: `SHOWN at PLACE` or `SHOWN: message`, by rule and path.
  Lines resolved(const std::string& policy_text) {
    const Policy policy = policy_of(policy_text);
    const std::vector<bool> active = active_rules(policy, safe_open, "web1");
    const Resolution resolution = resolve(policy, active, safe_open);
    Lines out;
    for (const Target& one : resolution.targets) {
      out.push_back(one.shown + " at " + path_of(one.head));
    }
    for (const Unresolved& one : resolution.unresolved) {
      out.push_back(one.target.shown + ": " + one.error.doing + ' ' + one.error.subject);
    }
    return out;
  }

  std::string argument(const std::string& path) {
    const auto names = resolve_argument(path, safe_open);
    return names.ok() ? path_of(*names) : "error";
  }
};

std::string rule(const std::string& id, const std::string& paths, const std::string& rest = "") {
  return "[[rule]]\nid = \"" + id + "\"\npaths = [" + paths + "]\n" + rest + "\n";
}

}  // namespace

TEST_CASE(
    "a rule for hosts of some name is in force where the host has it, and nowhere without one") {
  RootTree root;
  const Policy policy =
      policy_of(rule("any", "\"/a\"", "when = { hostname = \"*\" }") +
                rule("web", "\"/a\"", "when = { hostname = \"web*\" }") + rule("all", "\"/a\""));
  using Active = std::vector<bool>;
  REQUIRE(active_rules(policy, root.safe_open, "web1") == Active{true, true, true});
  REQUIRE(active_rules(policy, root.safe_open, "db1") == Active{true, false, true});
  REQUIRE(active_rules(policy, root.safe_open, "") == Active{true, false, true});
  REQUIRE(active_rules(policy, root.safe_open, std::nullopt) == Active{false, false, true});
}

TEST_CASE("paths without links are what they say, there or not") {
  RootTree root;
  root.tree.directory("etc/ssh");
  root.tree.file("etc/plain");
  REQUIRE(root.resolved(rule("b", R"("/etc/ssh/b", "/", "/gone/x", "/etc/plain/x")") +
                        rule("a", R"("/etc/ssh", "/etc/s*/x")")) ==
          Lines{"/etc/ssh/b at /etc/ssh/b", "/ at /", "/gone/x at /gone/x",
                "/etc/plain/x at /etc/plain/x", "/etc/ssh at /etc/ssh", "/etc at /etc"});
}

TEST_CASE("links among the directories are followed and a last one is not") {
  if (geteuid() != 0) SKIP_TEST("only root's links are followed");
  RootTree root;
  root.tree.directory("usr/bin");
  root.tree.symlink("bin", "usr/bin");
  root.tree.symlink("usr/bin/sh", "dash");
  REQUIRE(root.resolved(rule("a", R"("/bin/su", "/bin", "/bin/*", "/bin/sh")") +
                        rule("b", R"("/bin/sh", "/bin")", "follow = true") +
                        rule("c", R"("/bin/sh/x")")) ==
          Lines{"/bin/su at /usr/bin/su", "/bin at /bin", "/bin at /usr/bin",
                "/bin/sh at /usr/bin/sh", "/bin/sh at /usr/bin/dash", "/bin at /usr/bin",
                "/bin/sh/x at /usr/bin/dash/x"});
}

TEST_CASE("a link that is not root's is not followed - T02") {
  RootTree root;
  root.tree.directory("safe");
  root.tree.symlink("way", "safe");
  if (geteuid() == 0) root.tree.chown("way", 7001, 7001);
  REQUIRE(root.resolved(rule("a", R"("/way/x", "/way/*", "/way", "/safe/x")")) ==
          Lines{"/way at /way", "/safe/x at /safe/x",
                "/way: follow a link that is not root's, /way",
                "/way/x: follow a link that is not root's, /way"});
}

TEST_CASE("a rule is there where what it waits for is, and where that cannot be known") {
  RootTree root;
  root.tree.file("usr/sbin/nginx");
  root.tree.directory("closed/d");
  root.tree.symlink("way", "usr");
  root.tree.symlink("dangling", "nowhere");
  if (geteuid() == 0) root.tree.chown("way", 7001, 7001);
  root.tree.chmod("closed", 0600);
  const auto here = [&](const std::string& when) {
    return !root.resolved(rule("a", "\"/x\"", "when = { " + when + " }")).empty();
  };
  REQUIRE(here(R"(path_exists = "/usr/sbin/nginx")"));
  REQUIRE(here(R"(path_exists = "/usr/sbin")"));
  REQUIRE(here(R"(path_exists = "/")"));
  REQUIRE(here(R"(path_exists = "/dangling")"));  // the link is there
  REQUIRE_FALSE(here(R"(path_exists = "/usr/sbin/apache2")"));
  REQUIRE_FALSE(here(R"(path_exists = "/usr/sbin/nginx/x")"));
  REQUIRE_FALSE(here(R"(path_exists = "/gone/x")"));
  REQUIRE(here(R"(path_exists = "/way/no")"));  // nobody may switch a rule off by a link
  REQUIRE(here(R"(hostname = "web*")"));
  REQUIRE_FALSE(here(R"(hostname = "db*")"));
  REQUIRE_FALSE(here(R"(hostname = "web*", path_exists = "/gone")"));
  REQUIRE_FALSE(here(R"(hostname = "db*", path_exists = "/usr")"));
  REQUIRE(here(R"(hostname = "web1", path_exists = "/usr")"));
  if (geteuid() != 0) REQUIRE(here(R"(path_exists = "/closed/d")"));
}

TEST_CASE("an argument is a path after links, and a slash follows its last name") {
  RootTree root;
  root.tree.directory("usr/bin");
  root.tree.symlink("bin", "usr/bin");
  REQUIRE(root.argument("/") == "/");
  REQUIRE(root.argument("/usr/bin") == "/usr/bin");
  REQUIRE(root.argument("/usr/bin/") == "/usr/bin");
  REQUIRE(root.argument("/gone/x") == "/gone/x");
  REQUIRE(root.argument("/gone/x/") == "/gone/x");
  REQUIRE(root.argument("/bin") == "/bin");
  if (geteuid() != 0) {
    REQUIRE(root.argument("/bin/su") == "error");
    REQUIRE(root.argument("/bin/") == "error");
    return;
  }
  REQUIRE(root.argument("/bin/su") == "/usr/bin/su");
  REQUIRE(root.argument("/bin/") == "/usr/bin");
}

TEST_CASE("thousands of paths are resolved with few descriptors and each as if alone - T72") {
  RootTree root;
  std::string paths;
  Lines expected;
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "/d" + std::to_string(i);
    for (int j = 0; j < 10; ++j) {
      const std::string path = deep + "/x" + std::to_string(j) + "/f";
      paths += '"' + path + "\",";
      expected.push_back(path + " at " + path);
    }
    root.tree.directory(deep.substr(1) + "/x3");
  }
  REQUIRE(root.resolved(rule("a", paths)) == expected);
}
