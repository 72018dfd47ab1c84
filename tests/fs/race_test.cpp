// SPDX-License-Identifier: Apache-2.0
// Checks of directories in which somebody else renames all the time. Beside each stands what a
// naive tool does, which must lose: else the race would not have been one.
#include "model/acl.hpp"
#include "support/attack_figures.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/patience.hpp"
#include "support/real_acl.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <chrono>
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

using Lines = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + test::quoted(path) + "\n" + rest + "\n";
}

// How long a race is run: its time, and on a busy machine longer, until it has shown what it is to
// show.
class Race {
 public:
  // `share`: the part of the time that is this one's.
  Race(const std::string& what, int share) {
    const std::size_t all = sample(3000, 90000, "ms of: " + what);
    end_ = Clock::now() + std::chrono::milliseconds(all / static_cast<std::size_t>(share));
  }
  [[nodiscard]] bool goes_on(bool shown) const {
    const auto now = Clock::now();
    return now < end_ || (!shown && now < end_ + patience(std::chrono::seconds(30)));
  }

 private:
  Clock::time_point end_;
};

// How often a naive reader is wrong in some attempts.
template <class Naive>
int losses(const Naive& naive) {
  int count = 0;
  for (int i = 0; i < 30; ++i) count += naive() ? 1 : 0;
  return count;
}

void tell_checks(const std::string& cases, const std::string& what, FileSystem file_system,
                 int runs, std::uint64_t attacks, int naive_losses) {
  tell({cases, "check: " + what, std::string(name(file_system)), static_cast<std::uint64_t>(runs),
        0, attacks, static_cast<std::uint64_t>(naive_losses)});
}

// A directory of mallory's.
void his_directory(TempTree& tree, const std::string& name) {
  tree.directory(name);
  tree.chown(name, mallory, mallory);
}

void his_link(TempTree& tree, const std::string& name, const std::string& text) {
  tree.symlink(name, text);
  tree.chown(name, mallory, mallory);
}

// Two calls by name: what must not be believed.
bool naive_acquits(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || (status.st_mode & 07777) != 0640) return false;
  return lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) < 0 && errno == ENODATA;
}

// Lists, and looks at each name: what vanished meanwhile is taken for gone.
bool naive_finds_nothing(const std::string& directory, bool files) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    struct stat status {};
    const std::string path = entry.path().string() + (files ? "" : "/f");
    if (lstat(path.c_str(), &status) == 0 && (status.st_mode & 02) != 0) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("two calls judge one object: an exchange loop is never acquitted - T03") {
  // Neither file is in policy: one by its mode alone, the other by its ACL alone.
  const std::string demand = "type = \"file\"\nmode = \"0640\"\nacl = []\n";
  for (const FileSystem file_system : {FileSystem::tmpfs, FileSystem::ext4}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    his_directory(tree, "home");
    const std::string wide = tree.file("home/f", "", 0666);
    const std::string granted = tree.file("home/g", "", 0640);
    set_acl(granted, {{AclTag::user_obj, 6, 0},
                      {AclTag::user, 4, mallory},
                      {AclTag::group_obj, 0, 0},
                      {AclTag::mask, 4, 0},
                      {AclTag::other, 0, 0}});
    const std::string literal = rule("f", wide, demand);
    const std::string tree_of_files =
        rule("t", tree.root(), "recurse = true\nfiles = { mode = \"0640\", acl = [] }");
    const std::string glob = rule("g", tree.path("*/f"), demand);

    ExchangeLoop loop(mallory, wide, granted);
    const Race race("an exchange loop on two files", 2);
    int runs = 0;
    int naive_losses = 0;
    for (; race.goes_on(runs >= 750 && naive_losses > 0); ++runs) {
      const Checked checked = check_text(runs % 3 == 0   ? literal
                                         : runs % 3 == 1 ? tree_of_files
                                                         : glob);
      const Lines lines = checked.lines();
      const auto found = [&](const std::string& path) {
        return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
          return line.starts_with(path + ' ') && line.ends_with(" violation");
        });
      };
      const auto says = [&](const std::string& what) {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.ends_with(what); });
      };
      if (runs % 3 != 1) {
        REQUIRE(found(wide));
      } else {
        // Both objects, each under the name that it had when it was looked at.
        const bool both = says(" mode violation") && says(" acl violation");
        REQUIRE((both || says(" error")));
      }
      naive_losses += losses([&] { return naive_acquits(wide); });
    }
    tell_checks("T03", "two files exchanged, each out of policy in its own way", file_system, runs,
                loop.times(), naive_losses);
    REQUIRE(naive_losses > 0);
  }
}

TEST_CASE("who renames all the time hides nothing - T105") {
  for (const FileSystem file_system : {FileSystem::tmpfs, FileSystem::ext4}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    for (const bool is_file : {false, true}) {
      const std::string home = is_file ? "files" : "directories";
      const std::string what = home + "/x0";
      his_directory(tree, home);
      if (is_file) {
        tree.file(what, "", 0666);
      } else {
        his_directory(tree, what);
        tree.file(what + "/f", "", 0666);
      }
      // x0, x1, … x99, x0: under each name for a moment.
      const std::string base = tree.path(what).substr(0, tree.path(what).size() - 1);
      int at = 0;
      const Busy renames(mallory, mallory, [&base, &at] {
        const std::string from = base + std::to_string(at);
        at = (at + 1) % 100;
        return rename(from.c_str(), (base + std::to_string(at)).c_str()) == 0;
      });
      const std::string policy = rule("t", tree.path(home), "recurse = true\nmode = \"o-w\"");
      const Race race("renames of " + std::string(is_file ? "a file" : "a directory"), 4);
      int runs = 0;
      int naive_losses = 0;
      for (; race.goes_on(runs >= 200 && naive_losses > 0); ++runs) {
        // Found, or known not to have been seen.
        REQUIRE_FALSE(check_text(policy).lines().empty());
        naive_losses += losses([&] { return naive_finds_nothing(tree.path(home), is_file); });
      }
      tell_checks("T105",
                  is_file ? "a file renamed all the time" : "a directory renamed all the time",
                  file_system, runs, renames.times(), naive_losses);
      REQUIRE(naive_losses > 0);
    }
  }
}

TEST_CASE("a directory exchanged for a link under a recursion leads nowhere else - T04") {
  for (const FileSystem file_system : {FileSystem::tmpfs, FileSystem::ext4}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    // What lies outside can be told by its name, and is out of policy in every way.
    tree.file("safe/outside", "", 0666);
    tree.file("safe/sub/outside", "", 0666);
    his_directory(tree, "home");
    his_directory(tree, "home/d");
    his_directory(tree, "home/d/sub");
    tree.file("home/d/sub/inside", "", 0600);
    for (int i = 0; i < 50; ++i) tree.file("home/d/f" + std::to_string(i), "", 0600);
    tree.file("home/d/required", "", 0600);
    his_link(tree, "home/l", "../safe");  // crosses no mount, as an absolute one would
    const std::string policy =
        rule("t", tree.path("home"), "recurse = true\nfiles = { mode = \"0600\", acl = [] }") +
        rule("r", tree.path("home/d/required"), "mode = \"0600\"\nowner = \"root\"");
    ExchangeLoop loop(mallory, tree.path("home/d"), tree.path("home/l"));
    const Race race("an exchange loop on a directory and a link", 2);
    int runs = 0;
    int clean = 0;
    int naive_losses = 0;
    for (; race.goes_on(naive_losses > 0 && clean > 0); ++runs) {
      CheckOptions options;
      options.jobs = runs % 2 == 0 ? 1 : 2;
      const Checked checked = check_text(policy, options);
      for (const std::string& line : checked.lines()) {
        INFO(line);
        // A name that is something else by now may be reported as not seen; nothing outside may.
        REQUIRE(line.find("outside") == line.npos);
        REQUIRE(line.find("violation") == line.npos);
      }
      // What is in policy was seen: `required`, `inside` and the 50 others, and the top. All 50 may
      // have been looked for in vain under both names, but `required` is missed by nobody.
      if (checked.outcome.findings.empty()) {
        ++clean;
        REQUIRE(checked.outcome.objects >= 2);
        REQUIRE(checked.outcome.objects == checked.outcome.compliant);
      }
      naive_losses += losses([&] {
        const int fd = open(tree.path("home/d/outside").c_str(), O_PATH | O_NOFOLLOW);
        if (fd >= 0) close(fd);
        return fd >= 0;
      });
    }
    tell_checks("T04", "a directory and a link exchanged under a recursion", file_system, runs,
                loop.times(), naive_losses);
    REQUIRE(naive_losses > 0);
  }
}

TEST_CASE("a glob is no list of strings to be opened later - T07") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  tree.file("safe/a", "", 0666);
  his_directory(tree, "home");
  his_directory(tree, "home/x");
  tree.file("home/x/a", "", 0600);
  his_link(tree, "home/y", "../safe");  // crosses no mount, as an absolute one would
  const std::string policy =
      rule("a", tree.path("home/*/a"), "mode = { at_most = \"0600\" }\nacl = []") +
      rule("b", tree.path("home/*/[a-z]"), "mode = \"go-w\"\nowner = \"root\"");
  ExchangeLoop loop(mallory, tree.path("home/x"), tree.path("home/y"));
  const Race race("an exchange loop under a glob", 1);
  int runs = 0;
  int naive_losses = 0;
  for (; race.goes_on(naive_losses > 0); ++runs) {
    const Checked checked = check_text(policy);
    for (const std::string& line : checked.lines()) {
      INFO(line);
      REQUIRE(line.ends_with(" path error"));
    }
    // Expanded first, opened later.
    naive_losses += losses([&] {
      struct stat status {};
      if (lstat(tree.path("home/x").c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return false;
      }
      return stat(tree.path("home/x/a").c_str(), &status) == 0 && (status.st_mode & 0777) == 0666;
    });
  }
  tell_checks("T07", "a directory and a link exchanged under a glob", FileSystem::tmpfs, runs,
              loop.times(), naive_losses);
  REQUIRE(naive_losses > 0);
}

TEST_CASE("a file exchanged for a link is a link or a file and never its target - T01 T03") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::string victim = tree.file("victim", "", 0600);
  his_directory(tree, "home");
  const std::string path = tree.file("home/f", "", 0640);
  tree.chown("home/f", mallory, mallory);
  his_link(tree, "home/l", victim);
  const std::string policy =
      rule("f", path, "type = \"file\"\nowner = 7001\nmode = \"0640\"\nacl = []");
  ExchangeLoop loop(mallory, path, tree.path("home/l"));
  const Race race("an exchange loop on a file and a link", 3);
  int links = 0;
  int files = 0;
  int naive_losses = 0;
  while (race.goes_on(files > 0 && links > 0 && naive_losses > 0)) {
    const Checked checked = check_text(policy);
    const Lines lines = checked.lines();
    if (lines.empty()) {
      ++files;
    } else {
      REQUIRE(lines == Lines{path + " type violation"});
      ++links;
    }
    naive_losses += losses([&] {
      struct stat status {};
      return lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
             stat(path.c_str(), &status) == 0 && status.st_uid == 0;
    });
  }
  tell_checks("T01 T03", "a file and a link exchanged", FileSystem::tmpfs, files + links,
              loop.times(), naive_losses);
  REQUIRE(files > 0);
  REQUIRE(links > 0);
  REQUIRE(naive_losses > 0);
}

TEST_CASE("a required file is seen or missed whatever its directory is exchanged for - T04") {
  // `d` and `e` hold the same: whichever has the name, the file is there and in policy.
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  his_directory(tree, "home");
  his_directory(tree, "home/d");
  his_directory(tree, "home/e");
  tree.file("home/d/bad", "", 0666);
  tree.file("home/e/bad", "", 0666);
  const std::string policy =
      rule("bad", tree.path("home/d/bad"), "mode = \"0600\"") +
      rule("t", tree.path("home/e"), "recurse = true\nfiles = { mode = \"0600\" }");
  ExchangeLoop loop(mallory, tree.path("home/d"), tree.path("home/e"));
  const Race race("an exchange loop on two directories", 3);
  while (race.goes_on(true)) {
    REQUIRE(check_text(policy).lines() == Lines{tree.path("home/d/bad") + " mode violation",
                                                tree.path("home/e/bad") + " mode violation"});
  }
}

TEST_CASE("what vanishes while it is looked at is no object - T105") {
  for (const FileSystem file_system : {FileSystem::tmpfs, FileSystem::ext4}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    his_directory(tree, "home");
    tree.file("home/stays", "", 0640);
    const std::string home = tree.path("home");
    Busy busy(mallory, mallory, [&home] {
      const std::string t = home + "/t";
      const std::string a = t + "/a";
      const std::string b = a + "/b";
      const std::string f = b + "/f";
      if (mkdir(t.c_str(), 0755) != 0 || mkdir(a.c_str(), 0755) != 0) return false;
      if (mkdir(b.c_str(), 0755) != 0) return false;
      const int fd = open(f.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640);
      if (fd < 0) return false;
      close(fd);
      return unlink(f.c_str()) == 0 && rmdir(b.c_str()) == 0 && rmdir(a.c_str()) == 0 &&
             rmdir(t.c_str()) == 0;
    });
    const std::string policy =
        rule("t", home, "recurse = true\nmode = { at_most = \"0755\" }\nacl = []") +
        rule("f", home + "/t/a/b/f", "presence = \"optional\"\nmode = { at_most = \"0640\" }") +
        rule("g", home + "/*/*/*", "mode = { at_most = \"0755\" }");
    const Race race("a tree that comes and goes", 2);
    int runs = 0;
    std::uint64_t objects = 0;
    for (; race.goes_on(objects > 2 * static_cast<std::uint64_t>(runs)); ++runs) {
      CheckOptions options;
      options.jobs = runs % 2 == 0 ? 1 : 3;
      const Checked checked = check_text(policy, options);
      REQUIRE(checked.lines() == Lines{});
      REQUIRE(checked.outcome.objects >= 2);
      objects += checked.outcome.objects;
    }
    tell_checks("T105", "a tree that comes and goes", file_system, runs, busy.times(), 0);
    // Some of it was seen.
    REQUIRE(objects > 2 * static_cast<std::uint64_t>(runs));
  }
}
