// SPDX-License-Identifier: Apache-2.0
// Trees: what recursions and globs enter, what they leave, and what they say of what they could not
// see.
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"

#include <algorithm>
#include <fcntl.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

// A recursion whose files must be 0600.
std::string tree_rule(const std::string& path, const std::string& rest = "") {
  return rule("tree", path, "recurse = true\nfiles = { mode = \"0600\" }\n" + rest);
}

Lines not_entered(const Checked& checked) {
  Lines out;
  for (const NotEntered& one : checked.outcome.not_entered) {
    out.push_back(one.path + ' ' + one.filesystem + (one.pseudo ? " pseudo" : ""));
  }
  return out;
}

// A tree on ext4 with a tmpfs, a bind mount of a directory beside it and one of a file in it, an
// overlay, and a procfs. In each lies a file `x` that is too wide.
class WithMounts {
 public:
  WithMounts()
      : image_(FileSystem::ext4),
        tree_(image_.tree()),
        tmpfs_("tmpfs", tree_.directory("t/tmp"), "tmpfs"),
        bind_(tree_.directory("other"), tree_.directory("t/bind"), "", MS_BIND),
        file_(tree_.file("else", "", 0666), tree_.file("t/file", "", 0666), "", MS_BIND),
        proc_("proc", tree_.directory("t/proc"), "proc"),
        overlay_("overlay", tree_.directory("t/over"), "overlay", 0,
                 "lowerdir=" + tree_.directory("lower") + ",upperdir=" + tree_.directory("upper") +
                     ",workdir=" + tree_.directory("work")) {
    for (const char* one : {"t/x", "t/tmp/x", "t/bind/x", "t/over/x"}) tree_.file(one, "", 0666);
  }

  TempTree& tree() { return tree_; }
  std::string path(const std::string& relative) const { return tree_.path(relative); }

 private:
  ImageMount image_;
  TempTree& tree_;
  Mounted tmpfs_;
  Mounted bind_;
  Mounted file_;
  Mounted proc_;
  Mounted overlay_;
};

}  // namespace

TEST_CASE("a recursion stops at every mount and says so - T19 T102") {
  WithMounts with;
  const Lines stops = {with.path("t/bind ext4"), with.path("t/file ext4"),
                       with.path("t/over overlay"), with.path("t/proc proc pseudo"),
                       with.path("t/tmp tmpfs")};
  const Checked checked = check_text(tree_rule(with.path("t")));
  REQUIRE(checked.lines() == Lines{with.path("t/x mode violation")});
  REQUIRE(not_entered(checked) == stops);
  REQUIRE(checked.outcome.objects == 2);  // the top, which must be there, and `x`

  // So does a `**`.
  const Checked glob = check_text(rule("g", with.path("t/**"), "type = \"file\"\nmode = \"0600\""));
  REQUIRE(glob.lines() == Lines{with.path("t/x mode violation")});
  REQUIRE(not_entered(glob) == stops);
}

TEST_CASE("a recursion over disks enters disks and tmpfs - T19 T102") {
  WithMounts with;
  const Checked checked = check_text(tree_rule(with.path("t"), "cross_filesystems = \"local\""));
  REQUIRE(checked.lines() ==
          Lines{with.path("t/bind/x mode violation"), with.path("t/file mode violation"),
                with.path("t/tmp/x mode violation"), with.path("t/x mode violation")});
  REQUIRE(not_entered(checked) ==
          Lines{with.path("t/over overlay"), with.path("t/proc proc pseudo")});
}

TEST_CASE("a recursion that crosses everything stays out of pseudo file systems - T19 T102") {
  WithMounts with;
  const Checked checked = check_text(tree_rule(with.path("t"), "cross_filesystems = true"));
  REQUIRE(checked.lines() ==
          Lines{with.path("t/bind/x mode violation"), with.path("t/file mode violation"),
                with.path("t/over/x mode violation"), with.path("t/tmp/x mode violation"),
                with.path("t/x mode violation")});
  REQUIRE(not_entered(checked) == Lines{with.path("t/proc proc pseudo")});
  const Checked glob = check_text(rule("g", with.path("t/*/x"), "mode = \"0600\""));
  REQUIRE(glob.lines() == Lines{with.path("t/bind/x mode violation"),
                                with.path("t/over/x mode violation"),
                                with.path("t/tmp/x mode violation")});
  REQUIRE(not_entered(glob) == Lines{with.path("t/proc proc pseudo")});
}

TEST_CASE("literal paths and the tops of recursions lie beyond mounts - T19 T102") {
  WithMounts with;
  const Checked checked = check_text(
      rule("tmp", with.path("t/tmp/x"), "mode = \"0600\"") +
      rule("bind", with.path("t/bind"), "recurse = true\nfiles = { mode = \"0600\" }") +
      rule("proc", with.path("t/proc/sys/kernel/ostype"), "mode = \"0400\"") +
      rule("gone", with.path("t/tmp/gone"), "mode = \"0600\"") + tree_rule(with.path("t")));
  REQUIRE(checked.lines() == Lines{with.path("t/bind/x mode violation"),
                                   with.path("t/proc/sys/kernel/ostype mode violation"),
                                   with.path("t/tmp/gone presence violation"),
                                   with.path("t/tmp/x mode violation"),
                                   with.path("t/x mode violation")});
  REQUIRE(not_entered(checked) == Lines{with.path("t/bind ext4"), with.path("t/file ext4"),
                                        with.path("t/over overlay"),
                                        with.path("t/proc proc pseudo"), with.path("t/tmp tmpfs")});
}

TEST_CASE("a separate /home that a recursion over its parent did not enter is named") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  Mounted home("tmpfs", tree.directory("home"), "tmpfs");
  tree.file("home/mallory/x", "", 0666);
  tree.file("etc/x", "", 0600);
  const Checked checked = check_text(tree_rule(tree.root()));
  REQUIRE(checked.outcome.findings.empty());
  REQUIRE(not_entered(checked) == Lines{tree.path("home tmpfs")});
  // Where it is excluded, or out of reach, nothing stopped there.
  REQUIRE(not_entered(check_text(tree_rule(tree.root(), "exclude = [\"home\"]"))).empty());
  REQUIRE(not_entered(check_text(tree_rule(tree.path("etc")))).empty());
  // Nor where the run is restricted to something else.
  CheckOptions options;
  options.paths = {tree.path("etc")};
  REQUIRE(not_entered(check_text(tree_rule(tree.root()), options)).empty());
  options.paths = {tree.path("home")};
  REQUIRE(check_text(tree_rule(tree.root()), options).outcome.uncovered.size() == 1);
}

TEST_CASE("a mount that another one hides is not held for one - T19") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  Mounted hidden("tmpfs", tree.directory("t/m/sub"), "tmpfs");
  Mounted cover("tmpfs", tree.path("t/m"), "tmpfs");
  tree.file("t/m/sub/x", "", 0666);
  const Checked checked = check_text(tree_rule(tree.path("t"), "cross_filesystems = true"));
  REQUIRE(checked.lines() == Lines{tree.path("t/m/sub/x mode violation")});
  const Checked inside = check_text(tree_rule(tree.path("t/m")));
  REQUIRE(inside.lines() == Lines{tree.path("t/m/sub/x mode violation")});
  REQUIRE(not_entered(inside).empty());
}

TEST_CASE("of two mounts on one point the upper one counts - T19") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  Mounted below("proc", tree.directory("t/m"), "proc");
  Mounted above("tmpfs", tree.path("t/m"), "tmpfs");
  tree.file("t/m/x", "", 0666);
  // The older one of these is moved onto the younger.
  REQUIRE(::mount("tmpfs", tree.directory("older").c_str(), "tmpfs", 0, nullptr) == 0);
  tree.file("older/x", "", 0666);
  Mounted younger("proc", tree.directory("t/moved"), "proc");
  REQUIRE(::mount(tree.path("older").c_str(), tree.path("t/moved").c_str(), nullptr, MS_MOVE,
                  nullptr) == 0);
  const Checked checked = check_text(tree_rule(tree.path("t"), "cross_filesystems = true"));
  REQUIRE(checked.lines() ==
          Lines{tree.path("t/m/x mode violation"), tree.path("t/moved/x mode violation")});
  REQUIRE(umount2(tree.path("t/moved").c_str(), MNT_DETACH) == 0);
}

TEST_CASE("mount points with blanks, newlines and backslashes in their names are known - T78") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  for (const char* one : {"a b", "a\tb", "a\nb", "a\\b", "a#b", "a\\040b"}) {
    INFO(one);
    Mounted tmpfs("tmpfs", tree.directory(std::string("t/") + one), "tmpfs");
    const Checked checked = check_text(tree_rule(tree.path("t")));
    REQUIRE(not_entered(checked) == Lines{tree.path("t/") + one + " tmpfs"});
    tree.file(std::string("t/") + one + "/x", "", 0666);
    REQUIRE(check_text(tree_rule(tree.path("t"), "cross_filesystems = true")).lines() ==
            Lines{tree.path("t/") + one + "/x mode violation"});
  }
}

TEST_CASE("a directory mounted into itself is no loop - T101") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("a/x", "", 0666);
  tree.symlink("a/b/up", "..");
  tree.symlink("a/loop", "loop");
  Mounted self(tree.path("a"), tree.directory("a/m"), "", MS_BIND);
  Lines expected = {tree.path("a/m/x mode violation"), tree.path("a/x mode violation")};
  REQUIRE(check_text(tree_rule(tree.path("a"), "cross_filesystems = true")).lines() == expected);
}

TEST_CASE("an excluded directory is not entered") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  for (const char* one :
       {"t/cache/x", "t/sub/cache/x", "t/sub/kept", "t/top/a/x", "t/sub/top/x", "t/y.bak"}) {
    tree.file(one, "", 0666);
  }
  // Not to be opened by anybody but root, and not even by root without a trace.
  tree.chmod("t/cache", 0);
  tree.chmod("t/sub/cache", 0);
  const std::string policy =
      tree_rule(tree.path("t"), "exclude = [\"cache\", \"*.bak\", \"top/**\"]");
  const Lines expected = {tree.path("t/sub/kept mode violation"),
                          tree.path("t/sub/top/x mode violation")};
  REQUIRE(check_text(policy).lines() == expected);
  REQUIRE(run_as(mallory, mallory,
                 [&] { return check_text(policy).lines() == expected ? 0 : 1; }) == 0);
}

TEST_CASE("what may not be seen is an error and never compliant") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("t/open/x", "", 0600);
    tree.file("t/unlisted/known", "", 0600);
    tree.file("t/unlisted/secret", "", 0666);
    tree.file("t/closed/x", "", 0666);
    tree.file("t/listed/x", "", 0666);
    tree.chmod("t/unlisted", 0711);
    tree.chmod("t/closed", 0700);
    tree.chmod("t/listed", 0744);
    const std::string policy =
        rule("all", tree.path("t"),
             "recurse = true\nmode = { at_most = \"0755\" }\nfiles = { mode = \"0600\" }") +
        rule("known", tree.path("t/unlisted/known"), "mode = \"0600\"") +
        rule("absent", tree.path("t/unlisted/absent"), "presence = \"optional\"\nmode = \"0600\"") +
        rule("in-closed", tree.path("t/closed/gone"), "presence = \"optional\"\nmode = \"0600\"") +
        rule("forbidden", tree.path("t/closed/evil"), "presence = \"forbidden\"") +
        rule("deep", tree.path("t/closed/sub/evil"), "presence = \"forbidden\"");
    const auto as_he_sees = [&] {
      const Checked checked = check_text(policy);
      const Lines expected = {
          tree.path("t/closed path error"),      tree.path("t/closed/evil path error"),
          tree.path("t/closed/gone path error"), tree.path("t/closed/sub/evil path error"),
          tree.path("t/listed/x path error"),    tree.path("t/unlisted path error")};
      if (checked.lines() != expected) {
        for (const std::string& line : checked.lines()) std::fprintf(stderr, "%s\n", line.c_str());
        return 1;
      }
      // t, open, open/x, known, listed are in policy; t/closed and t/unlisted are not vouched for.
      const CheckOutcome& outcome = checked.outcome;
      if (outcome.compliant != 5 || outcome.objects != 5 + 6) {
        std::fprintf(stderr, "%llu of %llu\n", static_cast<unsigned long long>(outcome.compliant),
                     static_cast<unsigned long long>(outcome.objects));
        return 2;
      }
      return 0;
    };
    REQUIRE(run_as(mallory, mallory, as_he_sees) == 0);
    // root sees it all.
    REQUIRE(check_text(policy).lines() == Lines{tree.path("t/closed/x mode violation"),
                                                tree.path("t/listed/x mode violation"),
                                                tree.path("t/unlisted/secret mode violation")});
  }
}

TEST_CASE("an unprivileged check of what it may see is a whole check") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  for (int i = 0; i < 50; ++i) {
    const std::string name = "d" + std::to_string(i % 7) + "/f" + std::to_string(i);
    tree.file("t/" + name, "", i % 5 == 0 ? 0666 : 0644);
    tree.chown("t/" + name, mallory, mallory);
  }
  const std::string policy =
      rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"0644\", owner = 7001 }");
  const Lines expected = check_text(policy).lines();
  REQUIRE(expected.size() == 10);
  REQUIRE(run_as(mallory, mallory,
                 [&] { return check_text(policy).lines() == expected ? 0 : 1; }) == 0);
}

TEST_CASE("a run restricted to some paths looks at them and at nothing else") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  for (const char* one : {"run/app/x", "run/app/sub/x", "run/other/x", "etc/x"}) {
    tree.file(one, "", 0666);
  }
  tree.symlink("var", "run");
  const std::string policy = tree_rule(tree.root()) +
                             rule("gone", tree.path("var/app/gone"), "mode = \"0600\"") +
                             rule("glob", tree.path("e*/y"), "presence = \"required\"");
  const auto lines = [&](const Lines& paths) {
    CheckOptions options;
    options.paths = paths;
    return check_text(policy, options).lines();
  };
  REQUIRE(lines({tree.path("run/app/x")}) == Lines{tree.path("run/app/x mode violation")});
  REQUIRE(lines({tree.path("var/app/x")}) == Lines{tree.path("run/app/x mode violation")});
  REQUIRE(lines({tree.path("run/app/sub"), tree.path("etc")}) ==
          Lines{tree.path("etc/x mode violation"), tree.path("run/app/sub/x mode violation")});
  REQUIRE(lines({tree.path("run/app")}) == Lines{tree.path("run/app/sub/x mode violation"),
                                                 tree.path("run/app/x mode violation"),
                                                 tree.path("var/app/gone presence violation")});
  REQUIRE(lines({tree.path("run/app/nothing")}).empty());
  // A link named with a slash is followed, one named without is the link.
  REQUIRE(lines({tree.path("var/")}).size() == 4);
  REQUIRE(lines({tree.path("var")}).empty());
}

TEST_CASE("a path that cannot be trusted is reported in a run restricted to it - T02") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("safe/f", "", 0600);
  tree.file("run/app/x", "", 0600);
  tree.symlink("run/app/his", tree.path("safe"));
  tree.chown("run/app/his", mallory, mallory);
  tree.symlink("var", "run");
  const std::string policy = rule("x", tree.path("run/app/x"), "mode = \"0600\"") +
                             rule("f", tree.path("var/app/his/f"), "mode = \"0600\"");
  const Lines refused = {tree.path("var/app/his/f path error")};
  for (const char* one : {"run/app", "var/app", "run", "var/", "", "run/app/his"}) {
    INFO(one);
    CheckOptions options;
    options.paths = {*one == '\0' ? tree.root() : tree.path(one)};
    const Checked checked = check_text(policy, options);
    REQUIRE(checked.outcome.uncovered.empty());
    REQUIRE(checked.lines() == refused);
  }
  CheckOptions options;
  options.paths = {tree.path("run/app/x")};
  REQUIRE(check_text(policy, options).lines().empty());
}
