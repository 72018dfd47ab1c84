// SPDX-License-Identifier: Apache-2.0
// What apply makes where something is missing, and the new link that takes the place of one that
// leads elsewhere.
#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

std::string created(const std::string& id, const std::string& path, const std::string& type,
                    const std::string& rest) {
  return rule(id, path, "on_missing = \"create\"\ntype = \"" + type + "\"\n" + rest);
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

Lines names_in(const std::string& directory) {
  Lines out;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    out.push_back(entry.path().filename());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string link_of(const std::string& path) { return std::filesystem::read_symlink(path); }

}  // namespace

// --- What is missing ----------------------------------------------------------------------------

TEST_CASE("what is missing is made, above before below, and is as the rules demand") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string top = mount.path("spool");
    const std::string file = top + "/queue";
    const std::string policy =
        created("queue", file, "file", "owner = 7001\ngroup = 7002\nmode = \"2640\"") +
        created("spool", top, "directory",
                "owner = \"root\"\ngroup = 7002\nmode = \"0750\"\n"
                "acl = [\"user:7001:rx\"]\ndefault_acl = [\"user:7001:r\"]");
    Counted counted;
    REQUIRE(counted.apply(policy).lines() ==
            Lines{top + " presence corrected", file + " presence corrected"});
    REQUIRE(ids_and_mode(top) == "0:7002 750");
    REQUIRE(run_program({"getfacl", "-cpn", top}) ==
            "user::rwx\nuser:7001:r-x\ngroup::r-x\nmask::r-x\nother::---\ndefault:user::rwx\n"
            "default:user:7001:r--\ndefault:group::r-x\ndefault:mask::r-x\ndefault:other::---\n\n");
    // What its directory hands down is as for any other new file: the mode is what stat(2) shows.
    REQUIRE(ids_and_mode(file) == "7001:7002 2640");
    REQUIRE(std::filesystem::file_size(file) == 0);
    counted.require_settled(policy);
  }
}

TEST_CASE("what is made is nobody's before it is what it is to be") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string directory = mount.tree().directory("d");
    run_program({"setfacl", "-m", "d:u:7001:rwx,d:g::rwx,d:o::rwx", directory});
    const std::vector<Instant> instants =
        instants_of(created("f", directory + "/f", "file",
                            "owner = 7002\ngroup = 7002\nmode = \"0600\"\nacl = []") +
                    created("g", directory + "/g", "directory",
                            "owner = 7002\ngroup = 7002\nmode = \"0700\"\nacl = []"));
    for (const Instant& instant : instants) {
      INFO(octal(instant.mode));
      REQUIRE(instant.in_effect(AclTag::user, mallory) == 0);
      REQUIRE(instant.in_effect(AclTag::group_obj) == 0);
      REQUIRE(instant.in_effect(AclTag::other) == 0);
    }
  }
}

TEST_CASE("what is missing is not made in a directory that another controls") {
  ImageMount mount(FileSystem::ext4);
  his_directory(mount.tree(), "home");
  const std::string file = mount.path("home/f");
  const std::string demand = "owner = \"root\"\ngroup = \"root\"\nmode = \"0644\"\n";
  Counted counted;
  const Applied refused = counted.apply(created("f", file, "file", demand));
  REQUIRE(refused.lines() == Lines{file + " presence refused"});
  REQUIRE(refused.reasons()[0].find("trust = [\"") != std::string::npos);
  REQUIRE(counted.actions() == Lines{});
  REQUIRE_FALSE(exists(file));
  const Applied trusted = counted.apply(created("f", file, "file", demand + "trust = [7001]"));
  INFO(trusted.lines()[0]);
  REQUIRE(ids_and_mode(file) == "0:0 644");
}

TEST_CASE("the parents of what is missing are not made") {
  ImageMount mount(FileSystem::tmpfs);
  const std::string file = mount.path("no/f");
  Counted counted;
  const Applied applied = counted.apply(
      created("f", file, "file", "owner = \"root\"\ngroup = \"root\"\nmode = \"0644\""));
  REQUIRE(applied.lines() == Lines{file + " presence failed"});
  REQUIRE(applied.reasons()[0].ends_with("/no"));
  REQUIRE_FALSE(exists(mount.path("no")));
}

TEST_CASE("what is missing and only to be reported, or has no account, is not made") {
  ImageMount mount(FileSystem::tmpfs);
  const std::string a = mount.path("a");
  const std::string b = mount.path("b");
  const std::string c = mount.path("c");
  Counted counted;
  const std::string rest = "group = \"root\"\nmode = \"0644\"\n";
  const Applied applied =
      counted.apply(created("a", a, "file", "owner = \"root\"\nenforce = false\n" + rest) +
                    rule("b", b, "type = \"file\"\nowner = \"root\"\n" + rest) +
                    created("c", c, "file", "owner = \"nobody-of-that-name\"\n" + rest));
  REQUIRE(applied.lines() ==
          Lines{a + " presence violation", b + " presence violation", c + " presence refused"});
  REQUIRE(counted.actions() == Lines{});
}

TEST_CASE("what somebody makes meanwhile is corrected, and not made again") {
  ImageMount mount(FileSystem::ext4);
  const std::string file = mount.path("f");
  WatchedChanger changer;
  bool made = false;
  changer.before = [&](int /*held*/, Type /*type*/, const Action& action) {
    if (!std::holds_alternative<Create>(action) || made) return;
    made = true;
    mount.tree().file("f", "theirs", 0666);
  };
  ApplyWith with;
  with.changer = &changer;
  const Applied applied = apply_text(
      created("f", file, "file", "owner = \"root\"\ngroup = \"root\"\nmode = \"0644\""), with);
  REQUIRE(applied.lines() == Lines{file + " mode corrected"});
  REQUIRE(mount.tree().read("f") == "theirs");
}

TEST_CASE("what could be made and not finished is told, and has no right") {
  ImageMount mount(FileSystem::ext4);
  const std::string file = mount.path("f");
  Counted counted;
  counted.changer.fail_at(2, ENOSPC);
  const Applied applied =
      counted.apply(created("f", file, "file", "owner = 7001\ngroup = 7001\nmode = \"0644\""));
  REQUIRE(applied.lines() == Lines{file + " presence corrected", file + " mode failed"});
  REQUIRE(ids_and_mode(file) == "7001:7001 0");
  Counted none;
  none.changer.fail_at(0, EROFS);
  const std::string other = mount.path("g");
  const Applied failed =
      none.apply(created("g", other, "file", "owner = 7001\ngroup = 7001\nmode = \"0644\""));
  REQUIRE(failed.lines() == Lines{other + " presence failed"});
  REQUIRE(failed.reasons()[0].find("Read-only") != std::string::npos);
}

TEST_CASE("a dry run knows what would have been made by then, and by whom it is controlled") {
  ImageMount mount(FileSystem::ext4);
  const std::string ours = mount.path("ours");
  const std::string his = mount.path("his");
  const std::string ids = "group = \"root\"\nmode = \"0755\"\n";
  const std::string policy = created("a", ours, "directory", "owner = \"root\"\n" + ids) +
                             created("b", ours + "/f", "file", "owner = \"root\"\n" + ids) +
                             created("c", his, "directory", "owner = 7001\n" + ids) +
                             created("d", his + "/f", "file", "owner = \"root\"\n" + ids);
  ApplyWith with;
  with.dry_run = true;
  const Applied rehearsed = apply_text(policy, with);
  REQUIRE(rehearsed.lines() == Lines{his + " presence would_correct", his + "/f presence refused",
                                     ours + " presence would_correct",
                                     ours + "/f presence would_correct"});
  REQUIRE_FALSE(exists(ours));
  REQUIRE(rehearsed.outcome.plan[1].actions == Lines{"create an empty directory", "mode 0755"});
  Counted counted;
  REQUIRE(counted.apply(policy).lines() ==
          Lines{his + " presence corrected", his + "/f presence refused",
                ours + " presence corrected", ours + "/f presence corrected"});
}

TEST_CASE("in an immutable directory nothing is made, and that is told") {
  ImageMount mount(FileSystem::ext4);
  const std::string d = mount.tree().directory("d");
  run_program({"chattr", "+i", d});
  Counted counted;
  const Applied applied = counted.apply(
      created("f", d + "/f", "file", "owner = \"root\"\ngroup = \"root\"\nmode = \"0644\""));
  run_program({"chattr", "-i", d});
  REQUIRE(applied.lines() == Lines{d + "/f presence refused"});
  REQUIRE(applied.reasons()[0].find("the directory that it lies in is immutable") !=
          std::string::npos);
}

// --- Where a link leads -------------------------------------------------------------------------

TEST_CASE("a new link of the same owner takes the place of one that leads elsewhere") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string link = mount.tree().symlink("link", "old");
    mount.tree().chown("link", 7001, 7002);
    REQUIRE(lsetxattr(link.c_str(), "trusted.note", "kept", 4, 0) == 0);
    Fd old(open(link.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const std::string policy = rule("link", link, "target = \"new\"");
    Counted counted;
    REQUIRE(counted.apply(policy).lines() == Lines{link + " target corrected"});
    REQUIRE(link_of(link) == "new");
    REQUIRE(ids_and_mode(link) == "7001:7002 777");
    std::string note(8, '\0');
    note.resize(static_cast<std::size_t>(
        std::max<ssize_t>(lgetxattr(link.c_str(), "trusted.note", note.data(), note.size()), 0)));
    REQUIRE(note == "kept");
    Lines names = names_in(mount.path(""));
    std::erase(names, "lost+found");
    REQUIRE(names == Lines{"link"});
    counted.require_settled(policy);
  }
}

TEST_CASE("where a link leads and whose it is are corrected together") {
  ImageMount mount(FileSystem::ext4);
  const std::string link = mount.tree().symlink("link", "old");
  Counted counted;
  REQUIRE(
      counted.apply(rule("link", link, "target = [\"new\", \"other\"]\nowner = 7001")).lines() ==
      Lines{link + " owner corrected", link + " target corrected"});
  REQUIRE(counted.actions() == Lines{"target new", "owner 7001:"});
  REQUIRE(link_of(link) == "new");
  REQUIRE(ids_and_mode(link).starts_with("7001:0"));
}

TEST_CASE("a link in a directory that another controls stays as it is") {
  ImageMount mount(FileSystem::ext4);
  his_directory(mount.tree(), "home");
  const std::string link = mount.tree().symlink("home/link", "old");
  mount.tree().chown("home/link", mallory, mallory);
  Counted counted;
  const Applied applied = counted.apply(rule("link", link, "target = \"new\""));
  REQUIRE(applied.lines() == Lines{link + " target refused"});
  REQUIRE(counted.actions() == Lines{});
  REQUIRE(link_of(link) == "old");
}

TEST_CASE("in an append-only directory a link stays as it is, and nothing is left beside it") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string barred = mount.tree().directory("barred");
    const std::string link = mount.tree().symlink("barred/link", "old");
    run_program({"chattr", "+a", barred});
    Counted counted;
    const Lines said = counted.apply(rule("link", link, "target = \"new\"")).lines();
    const Lines names = names_in(barred);
    run_program({"chattr", "-a", barred});
    REQUIRE(said == Lines{link + " target refused"});
    REQUIRE(names == Lines{"link"});
    REQUIRE(link_of(link) == "old");
  }
}

TEST_CASE("what takes the name of a link meanwhile is not replaced") {
  for (const bool once : {true, false}) {
    INFO(once);
    ImageMount mount(FileSystem::ext4);
    const std::string link = mount.tree().symlink("link", "old");
    WatchedChanger changer;
    int exchanged = 0;
    changer.before = [&](int /*held*/, Type /*type*/, const Action& action) {
      if (!std::holds_alternative<SetTarget>(action) || (once && exchanged > 0)) return;
      REQUIRE(unlink(link.c_str()) == 0);
      mount.tree().file("link", "mine " + std::to_string(exchanged++), 0600);
    };
    ApplyWith with;
    with.changer = &changer;
    const Applied applied = apply_text(rule("link", link, "target = \"new\""), with);
    REQUIRE(applied.lines() == Lines{link + " type violation"});
    REQUIRE(mount.tree().read("link") == "mine 0");
    Lines names = names_in(mount.path(""));
    std::erase(names, "lost+found");
    REQUIRE(names == Lines{"link"});
  }
}
