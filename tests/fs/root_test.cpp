// SPDX-License-Identifier: Apache-2.0
// Whole checks of a system in a directory: nothing outside of it is reached, whatever lies in it.
#include "engine/check.hpp"
#include "os/kernel.hpp"
#include "os/mounts.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

// A tree with the root `img` in it, and `victim` outside, which is in nobody's policy.
class Image {
 public:
  Image() {
    tree().directory("img/etc");
    tree().file("img/etc/passwd", "root:x:0:0::/:\nsvc:x:4242:4242::/:\n");
    tree().file("img/etc/group", "root:x:0:\nsvc:x:4243:\n");
    tree().file("outside/victim", "", 0666);
  }

  TempTree& tree() { return mount_.tree(); }
  [[nodiscard]] std::string root() { return tree().path("img"); }
  Checked check(const std::string& policy, const CheckOptions& options = {}) {
    return check_below(root(), policy, options);
  }

 private:
  ImageMount mount_{FileSystem::tmpfs};
};

Lines not_entered(const Checked& checked) {
  Lines out;
  for (const NotEntered& one : checked.outcome.not_entered) out.push_back(one.path);
  return out;
}

// A process in a mount namespace of its own, for as long as it lives.
class Elsewhere {
 public:
  Elsewhere() : child_(::fork()) {
    if (child_ == 0) {
      if (::unshare(CLONE_NEWNS) != 0) ::_exit(1);
      ::raise(SIGSTOP);
      for (;;) ::pause();
    }
    int status = 0;
    REQUIRE(::waitpid(child_, &status, WUNTRACED) == child_);
    REQUIRE(WIFSTOPPED(status));
  }
  ~Elsewhere() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

  [[nodiscard]] std::string root() const { return "/proc/" + std::to_string(child_) + "/root"; }

 private:
  pid_t child_;
};

}  // namespace

TEST_CASE("T21 links and '..' in a root lead nowhere out of it") {
  Image image;
  TempTree& tree = image.tree();
  const std::string outside = tree.path("outside");
  tree.symlink("img/a/absolute", outside);
  tree.symlink("img/a/relative", "../../outside");
  tree.symlink("img/a/slash", "/");
  tree.symlink("img/a/magic", "/proc/self/root");
  tree.directory("img/proc");
  const Mounted proc("proc", tree.path("img/proc"), "proc");
  const Checked checked =
      image.check(rule("absolute", "/a/absolute/victim", "mode = \"0600\"") +
                  rule("relative", "/a/relative/victim", "mode = \"0600\"") +
                  rule("slash", "/a/slash" + outside + "/victim", "mode = \"0600\"") +
                  rule("magic", "/a/magic" + outside + "/victim", "mode = \"0600\"") +
                  rule("glob", "/a/*/victim", "mode = \"0600\"") +
                  rule("tree", "/a", "recurse = true\nowner = \"root\"") +
                  rule("followed", "/a/absolute", "follow = true\nmode = \"0700\"") +
                  rule("all", "/**/victim", "mode = \"0600\""));
  REQUIRE(checked.lines() == Lines{"/a/absolute presence violation",
                                   "/a/absolute/victim presence violation",
                                   "/a/magic" + outside + "/victim presence violation",
                                   "/a/relative/victim presence violation",
                                   "/a/slash" + outside + "/victim presence violation"});
}

TEST_CASE("T21 what links mean in a root is what lies there") {
  Image image;
  TempTree& tree = image.tree();
  tree.file("img/usr/bin/tool", "", 0777);
  tree.symlink("img/bin", "/usr/bin");
  tree.symlink("img/up", "../../../../usr");
  const Checked checked = image.check(rule("absolute", "/bin/tool", "mode = \"0755\"") +
                                      rule("relative", "/up/bin/tool", "owner = \"svc\""));
  REQUIRE(checked.lines() == Lines{"/bin/tool mode violation", "/up/bin/tool owner violation"});
  REQUIRE(checked.outcome.findings[0].resolved == "/usr/bin/tool");
}

TEST_CASE("T21 a link that changes all the time never leads out of a root") {
  Image image;
  TempTree& tree = image.tree();
  tree.directory("img/home");
  tree.chown("img/home", mallory, mallory);
  tree.file("img/home/d/inside", "", 0666);
  tree.symlink("img/home/l", tree.path("outside"));
  const ExchangeLoop swap(mallory, tree.path("img/home/d"), tree.path("img/home/l"));
  const std::string policy = rule("tree", "/home", "recurse = true\nmode = \"o-w\"") +
                             rule("literal", "/home/d/victim", "presence = \"optional\"");
  for (int i = 0; i < 200; ++i) {
    for (const std::string& line : image.check(policy).lines()) {
      REQUIRE(line.find("victim mode") == std::string::npos);
    }
  }
  REQUIRE(swap.times() > 0);
}

TEST_CASE("T22 owners and groups are those of the root's own files") {
  Image image;
  TempTree& tree = image.tree();
  tree.file("img/f", "", 0640);
  tree.chown("img/f", 4242, 4243);
  const std::string policy = rule("f", "/f", "owner = \"svc\"\ngroup = \"svc\"\nmode = \"0640\"");
  REQUIRE(image.check(policy).in_policy());
  tree.chown("img/f", 4243, 4242);
  const Checked checked = image.check(policy);
  REQUIRE(checked.lines() == Lines{"/f owner violation", "/f group violation"});
  REQUIRE(checked.outcome.findings[0].actual == "4243");
  // An account of the host's is none here.
  REQUIRE(image.check(rule("f", "/f", "owner = \"daemon\"")).lines() == Lines{"/f owner error"});
}

TEST_CASE("T24 where names cannot be had, what needs them could not be verified") {
  Image image;
  TempTree& tree = image.tree();
  const std::string passwd = tree.path("img/etc/passwd");
  REQUIRE(::unlink(passwd.c_str()) == 0);
  SECTION("a device") {
    REQUIRE(::mknod(passwd.c_str(), S_IFCHR | 0644, makedev(1, 5)) == 0);  // /dev/zero
  }
  SECTION("a FIFO") { tree.fifo("img/etc/passwd"); }
  SECTION("a link to the host's") { tree.symlink("img/etc/passwd", tree.path("outside/victim")); }
  SECTION("a link to what the kernel makes up") {
    tree.directory("img/proc");
    REQUIRE(::mount("proc", tree.path("img/proc").c_str(), "proc", 0, nullptr) == 0);
    tree.symlink("img/etc/passwd", "/proc/version");
  }
  const Checked checked =
      image.check(rule("f", "/etc/group", "owner = \"root\"\ngroup = \"root\"\nmode = \"0600\""));
  REQUIRE(checked.lines() == Lines{"/etc/group owner error", "/etc/group mode violation"});
  ::umount2(tree.path("img/proc").c_str(), MNT_DETACH);
}

TEST_CASE("T19 mounts in a root are those below it, by their paths in it") {
  Image image;
  TempTree& tree = image.tree();
  tree.directory("img/m");
  tree.directory("img/b");
  tree.directory("img/proc");
  tree.directory("imgage/m");
  const Mounted tmpfs("x", tree.path("img/m"), "tmpfs");
  const Mounted bound(tree.path("outside"), tree.path("img/b"), "", MS_BIND);
  const Mounted proc("proc", tree.path("img/proc"), "proc");
  const Mounted beside("x", tree.path("imgage/m"), "tmpfs");
  tree.file("img/m/x", "", 0666);
  const std::string recursion = "recurse = true\nmode = \"o-w\"";
  const Checked stopped = image.check(rule("tree", "/", recursion));
  // /m itself is 1777.
  REQUIRE(stopped.lines().empty());
  REQUIRE(not_entered(stopped) == Lines{"/b", "/m", "/proc"});
  const Checked crossed = image.check(rule("tree", "/", recursion + "\ncross_filesystems = true"));
  REQUIRE(crossed.lines() ==
          Lines{"/b/victim mode violation", "/m mode violation", "/m/x mode violation"});
  REQUIRE(not_entered(crossed) == Lines{"/proc"});
}

TEST_CASE("T19 a root may be a mount point, a directory of a mount, or another name of one") {
  Image image;
  TempTree& tree = image.tree();
  tree.directory("img/m");
  tree.directory("alias");
  tree.directory("upper");
  const Mounted tmpfs("x", tree.path("img/m"), "tmpfs");
  tree.file("img/m/x", "", 0666);
  const std::string policy = rule("tree", "/", "recurse = true\nmode = \"o-w\"");
  SECTION("a mount point") {
    const Mounted below("y", tree.path("img/m"), "tmpfs");  // over the other
    tree.directory("img/m/d/sub");
    const Mounted deep("z", tree.path("img/m/d/sub"), "tmpfs");
    tree.file("img/m/d/y", "", 0666);
    REQUIRE(::mkdir((image.root() + "/m/etc").c_str(), 0755) == 0);
    const Checked checked = check_below(image.root() + "/m", policy);
    REQUIRE(checked.lines() == Lines{"/ mode violation", "/d/y mode violation"});
    REQUIRE(not_entered(checked) == Lines{"/d/sub"});
  }
  SECTION("another name of a directory: what is mounted there is not mounted here") {
    const Mounted bound(image.root(), tree.path("alias"), "", MS_BIND);
    const Checked checked = check_below(tree.path("alias"), policy);
    REQUIRE(checked.lines().empty());
    REQUIRE(not_entered(checked).empty());
  }
  SECTION("and what is mounted over its name later is not in it") {
    const Result<RootedSystem> rooted = rooted_system(image.root(), 0);
    const Mounted over("y", image.root(), "tmpfs");
    const Kernel kernel;
    const Result<Mounts> mounts = read_mounts(kernel, rooted->system.root);
    REQUIRE(mounts.ok());
    REQUIRE(mounts->size() == 2);
    REQUIRE(mounts->back().path == "/m");
  }
}

TEST_CASE("a root in another mount namespace is refused: its mounts cannot be known") {
  const Elsewhere elsewhere;
  const Result<Root> host = Root::host();
  PolicyTrust way(host->get(), 0);
  const Result<Root> root = Root::open(elsewhere.root(), way);
  REQUIRE_FALSE(root.ok());
  REQUIRE(root.error().kind == ErrorKind::insecure_path);
}

TEST_CASE("the host name that a rule asks for is the root's, and without one none holds") {
  Image image;
  const std::string policy = rule("any", "/etc/none", "when = { hostname = \"*\" }") +
                             rule("web", "/etc/none", "when = { hostname = \"web*\" }") +
                             rule("etc", "/etc", "owner = 0");
  REQUIRE(image.check(policy).outcome.rules_here == 1);
  image.tree().file("img/etc/hostname", "db1\n");
  REQUIRE(image.check(policy).outcome.rules_here == 2);
  REQUIRE(::unlink(image.tree().path("img/etc/hostname").c_str()) == 0);
  image.tree().file("img/etc/hostname", "web1\n");
  REQUIRE(image.check(policy).outcome.rules_here == 3);
}

TEST_CASE("whether a path exists that a rule asks for is looked at in the root") {
  Image image;
  image.tree().file("img/here");
  const auto rules_here = [&image](const std::string& path) {
    return image
        .check(rule("a", "/etc", "when = { path_exists = " + quoted(path) + " }") +
               rule("b", "/etc", "owner = 0"))
        .outcome.rules_here;
  };
  REQUIRE(rules_here("/here") == 2);
  REQUIRE(rules_here(image.tree().path("outside/victim")) == 1);
  REQUIRE(rules_here("/usr/bin/env") == 1);
}
