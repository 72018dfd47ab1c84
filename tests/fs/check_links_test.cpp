// SPDX-License-Identifier: Apache-2.0
// Whole checks of small trees with symlinks in them: which are followed, and what is then shown.
#include "engine/check.hpp"
#include "fs/check_support.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"

#include <cstdio>
#include <string>

using namespace permward;
using namespace permward::test;

TEST_CASE("a path that has become a symlink is never followed into its target - T01") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("victim/f", "", 0666);
    tree.file("home/d/f", "", 0640);
    const std::string policy =
        rule("f", tree.path("home/d/f"), "mode = \"0640\"\npresence = \"optional\"") +
        rule("d", tree.path("home/d"), "recurse = true\nfiles = { mode = \"0640\" }") +
        rule("g", tree.path("home/*/f"), "mode = { at_most = \"0640\" }");
    REQUIRE(check_text(policy).in_policy());
    // root's directory becomes a link: a directory on the way is followed, the top of a tree and
    // what a glob matches are not.
    REQUIRE(rename(tree.path("home/d").c_str(), tree.path("old").c_str()) == 0);
    tree.symlink("home/d", tree.path("victim"));
    const Lines as_roots = check_text(policy).lines();
    REQUIRE(as_roots == Lines{tree.path("home/d") + " type violation",
                              tree.path("home/d/f") + " mode violation"});
    // mallory's is never a way.
    tree.chown("home/d", mallory, mallory);
    const Lines as_his = check_text(policy).lines();
    REQUIRE(as_his ==
            Lines{tree.path("home/d") + " type violation", tree.path("home/d/f") + " path error"});
  }
}

TEST_CASE(
    "a path through a link of root's and the tree that it leads into speak of one object - T104") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("usr/bin/su", "", 04755);
    tree.file("usr/bin/other", "", 0755);
    tree.file("usr/bin/bad", "", 04755);
    tree.symlink("bin", "usr/bin");
    const std::string usr = rule("usr", tree.path("usr"), "recurse = true\nmode = \"ug-s\"");
    const Checked both = check_text(usr + rule("su", tree.path("bin/su"), "mode = \"4755\""));
    REQUIRE(both.lines() == Lines{tree.path("usr/bin/bad") + " mode violation"});
    REQUIRE(both.outcome.objects == 5);  // usr, usr/bin and three files

    const Checked other = check_text(usr + rule("su", tree.path("bin/su"), "mode = \"0755\""));
    REQUIRE(other.lines() == Lines{tree.path("bin/su") + " mode violation",
                                   tree.path("usr/bin/bad") + " mode violation"});
    REQUIRE(other.outcome.findings[0].resolved == tree.path("usr/bin/su"));
    REQUIRE(other.outcome.findings[1].resolved.empty());

    // And as a PATH argument.
    CheckOptions options;
    options.paths = {tree.path("bin/su")};
    const Checked only =
        check_text(usr + rule("su", tree.path("bin/su"), "mode = \"0755\""), options);
    REQUIRE(only.lines() == Lines{tree.path("bin/su") + " mode violation"});
    REQUIRE(only.outcome.objects == 1);
  }
}

TEST_CASE("rules that links bring to one object cannot contradict each other - T104") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("usr/bin/su", "", 04755);
  tree.symlink("bin", "usr/bin");
  const std::string text = rule("one", tree.path("bin/su"), "mode = \"4755\"") +
                           rule("other", tree.path("usr/bin/su"), "mode = \"0755\"");
  REQUIRE_THROWS(check_text(text));
  // What can hold together is said by each.
  tree.chmod("usr/bin/su", 04757);
  REQUIRE(check_text(rule("one", tree.path("bin/su"), "mode = { at_most = \"4755\" }") +
                     rule("other", tree.path("usr/bin/su"), "mode = \"o-w\""))
              .lines() == Lines{tree.path("bin/su") + " mode violation",
                                tree.path("usr/bin/su") + " mode violation"});
}

TEST_CASE("a glob and a tree below a link show the policy's words and where they led - T104") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("run/app/x", "", 0666);
  tree.file("run/app/sub/y", "", 0666);
  tree.symlink("var", "run");
  const Checked checked = check_text(
      rule("tree", tree.path("var/app/sub"), "recurse = true\nfiles = { mode = \"0600\" }") +
      rule("glob", tree.path("var/app/*"), "type = \"file\"\nmode = \"0600\""));
  REQUIRE(checked.lines() == Lines{tree.path("var/app/sub/y") + " mode violation",
                                   tree.path("var/app/x") + " mode violation"});
  REQUIRE(checked.outcome.findings[0].resolved == tree.path("run/app/sub/y"));
  REQUIRE(checked.outcome.findings[1].resolved == tree.path("run/app/x"));
}

TEST_CASE("a link that cannot be trusted is one finding that names it and the rest goes on - T02") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("safe/shadow", "", 0600);
    tree.file("fine", "", 0600);
    tree.directory("home");
    tree.symlink("home/d", tree.path("safe"));
    tree.chown("home", mallory, mallory);
    tree.chown("home/d", mallory, mallory);
    const Checked checked =
        check_text(rule("shadow", tree.path("home/d/shadow"), "owner = 7001\nmode = \"0644\"") +
                   rule("tree", tree.path("home/d/t"), "recurse = true\nmode = \"o-w\"") +
                   rule("glob", tree.path("home/d/*"), "mode = \"o-w\"") +
                   rule("forbidden", tree.path("home/d/evil"), "presence = \"forbidden\"") +
                   rule("fine", tree.path("fine"), "mode = \"0600\""));
    REQUIRE(checked.lines() == Lines{tree.path("home/d") + " path error",
                                     tree.path("home/d/evil") + " path error",
                                     tree.path("home/d/shadow") + " path error",
                                     tree.path("home/d/t") + " path error"});
    REQUIRE(checked.outcome.objects == 5);
    REQUIRE(checked.outcome.compliant == 1);
    for (const std::string& message : checked.messages()) {
      INFO(message);
      REQUIRE(message.find(tree.path("home/d")) != std::string::npos);
    }
  }
}

TEST_CASE("a last component is followed where the rule says so and both paths are shown - T104") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("archive/cert7.pem", "", 0644);
  tree.symlink("live/cert.pem", "../archive/cert7.pem");
  tree.symlink("live/his.pem", "../archive/cert7.pem");
  tree.chown("live/his.pem", mallory, mallory);
  const Checked checked = check_text(
      rule("cert", tree.path("live/cert.pem"), "follow = true\ntype = \"file\"\nmode = \"0600\"") +
      rule("his", tree.path("live/his.pem"), "follow = true\ntype = \"file\"\nmode = \"0600\"") +
      rule("unfollowed", tree.symlink("live/not.pem", "cert.pem"), "mode = \"0600\""));
  REQUIRE(checked.lines() == Lines{tree.path("live/cert.pem") + " mode violation",
                                   tree.path("live/his.pem") + " path error",
                                   tree.path("live/not.pem") + " type violation"});
  REQUIRE(checked.outcome.findings[0].resolved == tree.path("archive/cert7.pem"));
}

TEST_CASE("links that a glob matches are followed as a literal one is - T01 T104") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("archive/one/cert7.pem", "", 0644);
    tree.file("archive/two/cert3.pem", "", 0600);
    tree.file("victim", "", 0666);
    tree.symlink("live/one/cert.pem", "../../archive/one/cert7.pem");
    tree.symlink("live/two/cert.pem", "../../archive/two/cert3.pem");
    tree.symlink("live/two/gone.pem", "../../archive/two/none.pem");
    tree.symlink("live/two/his.pem", tree.path("victim"));
    tree.chown("live/two/his.pem", mallory, mallory);
    tree.file("live/two/plain.pem", "", 0644);
    tree.directory("live/his");
    tree.symlink("live/his/roots.pem", tree.path("victim"));
    tree.chown("live/his", mallory, mallory);
    tree.symlink("way", "live");
    const std::string rest = "follow = true\ntype = \"file\"\nmode = \"0600\"";
    const Checked checked = check_text(rule("cert", tree.path("way/*/*.pem"), rest));
    REQUIRE(checked.lines() == Lines{tree.path("way/his/roots.pem") + " path error",
                                     tree.path("way/one/cert.pem") + " mode violation",
                                     tree.path("way/two/his.pem") + " path error",
                                     tree.path("way/two/plain.pem") + " mode violation"});
    REQUIRE(checked.outcome.findings[1].resolved == tree.path("archive/one/cert7.pem"));
    // In a run restricted to the link, and to where it leads.
    for (const char* one : {"archive/one", "archive/one/cert7.pem"}) {
      INFO(one);
      CheckOptions options;
      options.paths = {tree.path(one)};
      REQUIRE(check_text(rule("cert", tree.path("way/*/*.pem"), rest), options).lines() ==
              Lines{tree.path("way/one/cert.pem") + " mode violation"});
    }
    // Not followed, a link is no file, and is left out.
    REQUIRE(check_text(rule("cert", tree.path("live/*/*.pem"), "type = \"file\"\nmode = \"0600\""))
                .lines() == Lines{tree.path("live/two/plain.pem") + " mode violation"});
  }
}
