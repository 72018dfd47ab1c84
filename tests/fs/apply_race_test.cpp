// SPDX-License-Identifier: Apache-2.0
// Applies in directories in which somebody else exchanges names all the time.
#include "fs/attack_support.hpp"
#include "support/catch.hpp"
#include "support/real_acl.hpp"

#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// He is trusted, so that owners are changed as well; what is no file of the tree is so little
// touched as without.
std::string demand(std::uint32_t owner, const std::string& mode) {
  return "owner = " + std::to_string(owner) + "\ngroup = 7001\nmode = \"" + mode +
         "\"\ntrust = [\"7001\", \"7002\"]\n";
}

Victim shadow(TempTree& tree, const std::string& top, Victim::Time time = Victim::Time::counts) {
  return Victim(tree.file(top + "/safe/shadow", "secret", 0600), time);
}

std::string his_file(TempTree& tree, const std::string& name) {
  const std::string out = tree.file(name, "", 0600);
  tree.chown(name, mallory, mallory);
  return out;
}

std::string his_link(TempTree& tree, const std::string& name, const std::string& target) {
  const std::string out = tree.symlink(name, target);
  tree.chown(name, mallory, mallory);
  return out;
}

// In a directory `home` that is there: a file of his, and a link to the victim. Where nobody trusts
// him only what narrows is done, so that the file is wide at the beginning of each run.
Scene file_and_link(TempTree& tree, const std::string& top) {
  Victim victim = shadow(tree, top);
  const std::string file = his_file(tree, top + "/home/f");
  const std::string link = his_link(tree, top + "/home/l", "../safe/shadow");
  const auto held = std::make_shared<Fd>(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  Scene out = exchange_scene(std::move(victim), file, link, file);
  out.begin = [held] { require(fchmod(held->get(), 0666) == 0, "chmod"); };
  out.policies = {rule("f", file, "type = \"file\"\n" + demand(mallory, "0640")),
                  rule("f", file, demand(carol, "0604") + "acl = [\"user:7003:r\"]"),
                  rule("f", file, "mode = { at_most = \"0640\" }")};
  return out;
}

// Of whom the directory is, and by what he may write in it.
enum class Writes { as_owner, by_mode, by_sticky_mode, by_group, by_acl };

Scene file_and_link_where_he(Writes writes, TempTree& tree, const std::string& top) {
  const std::string home = top + "/home";
  const std::string path = tree.directory(home);
  switch (writes) {
    case Writes::as_owner:
      tree.chown(home, mallory, mallory);
      break;
    case Writes::by_mode:
      tree.chmod(home, 0777);
      break;
    case Writes::by_sticky_mode:
      tree.chmod(home, 01777);
      break;
    case Writes::by_group:
      tree.chown(home, 0, mallory);
      tree.chmod(home, 0775);
      break;
    case Writes::by_acl:
      tree.chmod(home, 0775);
      set_acl(path, acl_for_user(mallory, 7, 7));
      break;
  }
  return file_and_link(tree, top);
}

Attack writable(Writes writes, const std::string& cases, const std::string& how) {
  return {cases, "apply: a file and a link exchanged in a directory that is " + how,
          [writes](TempTree& tree, const std::string& top) {
            return file_and_link_where_he(writes, tree, top);
          }};
}

// In a sticky directory that everybody may write to nobody follows a link of another user then
// (proc_sys_fs(5)): so it is on a Debian that runs.
bool links_are_protected() {
  int value = 0;
  std::ifstream("/proc/sys/fs/protected_symlinks") >> value;
  return value != 0;
}

Scene directory_and_link(TempTree& tree, const std::string& top) {
  his_directory(tree, top + "/home");
  Victim victim = shadow(tree, top);
  his_directory(tree, top + "/home/d");
  for (const char* one : {"a", "b", "shadow", "x", "y"}) his_file(tree, top + "/home/d/" + one);
  // Crosses no mount, as an absolute one would.
  const std::string link = his_link(tree, top + "/home/l", "../safe");
  const std::string home = tree.path(top + "/home");
  const std::string named = home + "/d/shadow";
  Scene out = exchange_scene(std::move(victim), home + "/d", link, named);
  const std::string recursion = "recurse = true\ntrust = [\"7001\", \"7002\"]\n";
  out.policies = {
      rule("t", home, recursion + "files = { owner = 7001, mode = \"0640\" }"),
      rule("f", named, demand(carol, "0604")),
      rule("t", home, recursion + "files = { owner = 7002, mode = \"0604\", acl = [] }"),
      rule("g", home + "/*/shadow", demand(mallory, "0644"))};
  return out;
}

Scene file_and_hard_link(TempTree& tree, const std::string& top) {
  his_directory(tree, top + "/home");
  Victim victim = shadow(tree, top, Victim::Time::moves);
  const std::string file = his_file(tree, top + "/home/f");
  const std::string link = tree.hard_link(top + "/home/h", top + "/safe/shadow");
  Scene out = exchange_scene(std::move(victim), file, link, file);
  // Without trust: it is his own that he could do so himself.
  out.policies = {rule("f", file, "owner = 7001\ngroup = 7001\nmode = \"0640\""),
                  rule("f", file, "owner = 7001\ngroup = 7001\nmode = { at_most = \"0400\" }")};
  return out;
}

}  // namespace

TEST_CASE("a file exchanged for a link is corrected or left and never its target - T03") {
  withstand(writable(Writes::as_owner, "T03", "his"));
}

TEST_CASE("a directory exchanged for a link under a recursion is corrected nowhere else - T04") {
  withstand({"T04", "apply: a directory and a link exchanged under recursions and globs",
             directory_and_link});
}

TEST_CASE("a file exchanged for a hard link is corrected and what is linked is not - T05") {
  withstand({"T05", "apply: a file and a hard link to the victim exchanged", file_and_hard_link});
}

TEST_CASE("in a directory of root's that he may write in it is the same - T08 T09") {
  withstand(writable(Writes::by_acl, "T08", "root's and his to write in by an ACL"));
  withstand(writable(Writes::by_mode, "T09", "root's and everybody's to write in"));
  Attack sticky =
      writable(Writes::by_sticky_mode, "T09", "root's and sticky and everybody's to write in");
  sticky.prevented = links_are_protected();
  withstand(sticky);
  withstand(writable(Writes::by_group, "T09", "root's and his group's to write in"));
}
