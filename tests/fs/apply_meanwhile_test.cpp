// SPDX-License-Identifier: Apache-2.0
// What becomes of an object while apply corrects it: what a correction takes with it, and what
// somebody else does to the object and to its names.
#include "engine/apply.hpp"
#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace permward;
using namespace permward::test;

TEST_CASE(
    "what a chown takes is there again after one run, and after a run that ended between - T84") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string f = mount.tree().file("f", "", 0755);
    const std::string policy = rule("f", f,
                                    "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"\n"
                                    "capabilities = \"cap_net_raw=ep\"");
    std::size_t steps = 3;
    for (std::size_t fails = 0; fails <= steps; ++fails) {
      INFO("fails at " << fails);
      mount.tree().chown("f", 0, mallory);
      mount.tree().chmod("f", 04755);
      run_program({"setcap", "cap_net_raw=ep", f});
      Counted counted;
      counted.changer.fail_at(fails, EIO);
      (void)counted.apply(policy);
      if (fails == 0) steps = std::max<std::size_t>(steps, counted.actions().size());
      Counted whole;
      (void)whole.apply(policy);
      REQUIRE(ids_and_mode(f) == "0:0 4755");
      REQUIRE(run_program({"getcap", f}) == f + " cap_net_raw=ep\n");
      whole.require_settled(policy);
    }
  }
}

TEST_CASE("a file with two links in a directory of root's is corrected once") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  // Nothing but the ACL tells that the one was corrected before the other.
  const std::string one = tree.file("one", "", 0640);
  const std::string other = tree.hard_link("other", "one");
  const std::string policy = rule("one", one, "mode = \"0640\"\nacl = [\"user:7001:r\"]") +
                             rule("other", other, "mode = \"0640\"\nacl = [\"user:7001:r\"]");
  Counted counted;
  (void)counted.apply(policy);
  const Lines actions = counted.actions();
  REQUIRE(std::adjacent_find(actions.begin(), actions.end()) == actions.end());
  counted.require_settled(policy);
}

TEST_CASE("the copy-up of an overlay file system is not taken for a race") {
  TempTree place;
  // The lower layer is another file system.
  const std::string lower = place.directory("lower");
  const std::string other = place.directory("other");
  const std::string point = place.directory("point");
  place.chmod("", 0755);
  const Mounted below("tmpfs", lower, "tmpfs", 0, "mode=0755");
  const Mounted above("tmpfs", other, "tmpfs", 0, "mode=0755");
  place.directory("other/upper");
  place.directory("other/scratch");
  const std::string file = place.file("lower/f", "", 0666);
  place.directory("lower/d", 0777);
  place.file("lower/l1", "", 0666);
  place.hard_link("lower/l2", "lower/l1");
  for (const char* options : {"xino=off,index=off", "xino=off,index=on"}) {
    INFO(options);
    const Mounted overlay("overlay", point, "overlay", 0,
                          "lowerdir=" + lower + ",upperdir=" + other + "/upper,workdir=" + other +
                              "/scratch," + options);
    const struct stat before = status_of(point + "/l1");
    const std::string policy =
        rule("f", point + "/f", "owner = 7001\ngroup = 7001\nmode = \"0640\"\nacl = []") +
        rule("d", point + "/d", "owner = 7001\nmode = \"0700\"") +
        rule("l", point + "/l1", "mode = \"0600\"");
    Counted counted;
    const Applied applied = counted.apply(policy);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << one.reason);
      REQUIRE(one.status == Status::corrected);
    }
    // Without the index the copy of one of two links is another inode.
    const struct stat after = status_of(point + "/l1");
    const bool same = before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    REQUIRE(same == (std::string(options).find("index=on") != std::string::npos));
    REQUIRE(counted.changer.asked.size() == 2 + 2 + 1);
    REQUIRE(ids_and_mode(point + "/f") == "7001:7001 640");
    REQUIRE(ids_and_mode(point + "/d") == "7001:0 700");
    counted.require_settled(policy);
    for (const char* one : {"f", "d", "l1"}) {
      run_program({"rm", "-rf", other + "/upper/" + one});
    }
    run_program({"rm", "-rf", other + "/scratch/index"});
  }
}

TEST_CASE("what has another name by the end is not called corrected") {
  for (const std::string renamed : {"d/f", "d"}) {
    INFO(renamed);
    ImageMount mount(FileSystem::tmpfs);
    TempTree& tree = mount.tree();
    const std::string f = tree.file("d/f", "", 0666);
    const std::string g = tree.file("d/g", "", 0666);
    tree.file("e/f", "", 0600);
    tree.file("e/g", "", 0600);
    const std::string policy = rule("f", f, "mode = \"0640\"") + rule("g", g, "mode = \"0640\"");
    // With the first change what is held gets another name, and something else its own.
    bool once = true;
    WatchedChanger changer;
    changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) {
      if (!once) return;
      once = false;
      const std::string with = renamed == "d" ? "e" : "e/g";
      const std::string which = renamed == "d" ? "d" : "d/g";  // the one that is corrected first
      require(renameat2(AT_FDCWD, tree.path(which).c_str(), AT_FDCWD, tree.path(with).c_str(),
                        RENAME_EXCHANGE) == 0,
              "exchange");
    };
    ApplyWith asked;
    asked.changer = &changer;
    const Applied applied = apply_text(policy, asked);
    // What has the name now was 0600: nobody may call it corrected who did not see it so.
    INFO(ids_and_mode(f) << ", " << ids_and_mode(g));
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.status) << ' ' << one.reason);
      if (one.status == Status::corrected) {
        REQUIRE((status_of(one.path.text()).st_mode & 0777U) == 0640);
      }
    }
    REQUIRE(check_text(policy).in_policy());
  }
}

TEST_CASE("what held before another aspect was corrected is looked at again") {
  ImageMount mount(FileSystem::ext4);
  // A mask that bars the group from what the mode is to give it: they cannot both hold.
  const std::string path = mount.tree().file("f", "", 0660);
  const std::string policy =
      rule("f", path, "mode = { at_least = \"0660\" }\nacl = [\"user:7001:r\", \"mask::r\"]");
  const Lines expected = {path + " mode violation", path + " acl corrected"};
  ApplyWith dry;
  dry.dry_run = true;
  REQUIRE(apply_text(policy, dry).lines() ==
          Lines{path + " mode violation", path + " acl would_correct"});
  Counted counted;
  REQUIRE(counted.apply(policy).lines() == expected);
  REQUIRE(counted.apply(policy).lines() == Lines{path + " mode violation"});
  REQUIRE(counted.actions() == Lines{});
}

TEST_CASE("what comes and goes while it is corrected fails nothing else - T105") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  his_directory(tree, "home");
  const std::string home = tree.path("home");
  const std::string stays = tree.file("home/stays", "", 0666);
  tree.chown("home/stays", mallory, mallory);
  Busy busy(mallory, mallory, [&home] {
    const std::string t = home + "/t";
    const std::string f = t + "/f";
    umask(0);
    if (mkdir(t.c_str(), 0777) != 0) return false;
    const int fd = open(f.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return false;
    close(fd);
    usleep(200);
    return unlink(f.c_str()) == 0 && rmdir(t.c_str()) == 0;
  });
  const std::string policy = rule("t", home, "recurse = true\nmode = \"o-w\"");
  int corrected = 0;
  for (int run = 0; run < 200 || (corrected == 0 && run < 20000); ++run) {
    tree.chmod("home/stays", 0666);
    const Applied applied = apply_text(policy);
    const Lines lines = applied.lines();
    REQUIRE(any_starts_with(lines, stays + " mode corrected"));
    REQUIRE((status_of(stays).st_mode & 0777U) == 0664);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << name(one.status) << ' '
                           << one.reason << one.message);
      // What was held is corrected, or has no name any more.
      REQUIRE((one.status == Status::corrected || one.status == Status::failed));
    }
    corrected += static_cast<int>(lines.size()) - 1;
  }
  REQUIRE(busy.times() > 0);
}
