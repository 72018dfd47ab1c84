// SPDX-License-Identifier: Apache-2.0
// Applies in directories in which somebody else exchanges names all the time. Beside each stands
// what a naive tool does, which must hit its victim: else the race would not have been one.
#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/sampling.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Clock = std::chrono::steady_clock;

// Without its time of change, which a rename of one of its names moves.
std::string state_of_victim(const std::string& path) {
  const struct stat status = status_of(path);
  return std::to_string(status.st_ino) + ' ' + std::to_string(status.st_uid) + ':' +
         std::to_string(status.st_gid) + ' ' + octal(status.st_mode);
}

std::string trace_of_victim(const std::string& path) {
  const struct stat status = status_of(path);
  return state_of_victim(path) + ' ' + std::to_string(status.st_ctim.tv_sec) + '.' +
         std::to_string(status.st_ctim.tv_nsec);
}

// A home of mallory's in which two names can be exchanged, and what must not be reached from it.
struct Scene {
  TempTree& tree;
  std::string top;     // relative
  std::string victim;  // absolute; root's, 0600
  std::string a;       // exchanged with
  std::string b;
  std::string named;  // what a tool is told to correct

  [[nodiscard]] std::string path(const std::string& relative) const {
    return tree.path(top + '/' + relative);
  }
  void his(const std::string& relative) const {
    tree.chown(top + '/' + relative, mallory, mallory);
  }
};

using MakeScene = std::function<Scene(TempTree& tree, const std::string& top)>;

Scene empty_scene(TempTree& tree, const std::string& top) {
  Scene out{tree, top, {}, {}, {}, {}};
  tree.directory(top + "/home");
  out.his("home");
  out.victim = tree.file(top + "/safe/shadow", "secret", 0600);
  return out;
}

Scene file_and_symlink(TempTree& tree, const std::string& top) {
  Scene out = empty_scene(tree, top);
  out.a = out.named = tree.file(top + "/home/f", "", 0600);
  out.b = tree.symlink(top + "/home/l", "../safe/shadow");
  out.his("home/f");
  out.his("home/l");
  return out;
}

Scene directory_and_symlink(TempTree& tree, const std::string& top) {
  Scene out = empty_scene(tree, top);
  out.a = tree.directory(top + "/home/d");
  for (const char* one : {"a", "b", "shadow", "x", "y"}) {
    tree.file(top + "/home/d/" + one, "", 0600);
    out.his(std::string("home/d/") + one);
  }
  out.b = tree.symlink(top + "/home/l", "../safe");  // crosses no mount, as an absolute one would
  out.his("home/d");
  out.his("home/l");
  out.named = out.path("home/d/shadow");
  return out;
}

Scene file_and_hard_link(TempTree& tree, const std::string& top) {
  Scene out = empty_scene(tree, top);
  out.a = out.named = tree.file(top + "/home/f", "", 0600);
  out.his("home/f");
  out.b = tree.hard_link(top + "/home/h", top + "/safe/shadow");
  return out;
}

// lstat, and then by name.
void naive(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) return;
  if (status.st_uid != mallory) return;  // as a careful one might ask
  (void)!chown(path.c_str(), mallory, mallory);
  (void)!chmod(path.c_str(), 0644);
}

std::uint64_t hits_of_a_naive_tool(const Scene& scene) {
  const std::string before = state_of_victim(scene.victim);
  const ExchangeLoop loop(mallory, scene.a, scene.b);
  const auto began = Clock::now();
  std::uint64_t hits = 0;
  const auto goes_on = [&] {
    const auto time = Clock::now() - began;
    return time < std::chrono::milliseconds(500) || (hits == 0 && time < std::chrono::seconds(30));
  };
  while (goes_on()) {
    for (int i = 0; i < 100; ++i) naive(scene.named);
    if (state_of_victim(scene.victim) == before) continue;
    ++hits;
    require(chown(scene.victim.c_str(), 0, 0) == 0, "chown");
    require(chmod(scene.victim.c_str(), 0600) == 0, "chmod");
  }
  return hits;
}

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t actions = 0;
  std::uint64_t swaps = 0;
  std::uint64_t naive_hits = 0;
};

// `policies` are applied by turns, so that there is something to correct in each run.
Tally race(const MakeScene& make, const std::function<std::vector<std::string>(const Scene&)>& ask,
           FileSystem file_system, bool by_link, const std::string& what) {
  ImageMount mount(file_system);
  const Scene scene = make(mount.tree(), "applied");
  const Scene other = make(mount.tree(), "naive");
  const std::vector<std::string> policies = ask(scene);
  const auto look = by_link ? state_of_victim : trace_of_victim;
  const std::set<ino_t> forbidden = {status_of(scene.victim).st_ino,
                                     status_of(scene.path("safe")).st_ino};
  Tally tally;
  bool touched = false;
  WatchedChanger changer;
  changer.before = [&](int held, Type /*type*/, const Action& /*action*/) {
    struct stat status {};
    touched = touched || fstat(held, &status) != 0 || forbidden.count(status.st_ino) != 0;
    ++tally.actions;
  };
  ApplyWith with;
  with.changer = &changer;
  const auto milliseconds = sample(3000, 30000, "ms of: " + what) / 2;  // on two file systems
  {
    ExchangeLoop loop(mallory, scene.a, scene.b);
    const std::string before = look(scene.victim) + look(scene.path("safe"));
    const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
    while (Clock::now() < end || tally.actions == 0) {
      const Applied applied = apply_text(policies[tally.runs++ % policies.size()], with);
      REQUIRE_FALSE(touched);
      REQUIRE(look(scene.victim) + look(scene.path("safe")) == before);
      for (const std::string& line : applied.lines()) {
        INFO(line);
        REQUIRE(line.find("/safe") == std::string::npos);
      }
    }
    tally.swaps = loop.times();
  }
  tally.naive_hits = hits_of_a_naive_tool(other);
  std::cout << what << " on " << name(file_system) << ": " << tally.runs << " applies, "
            << tally.actions << " actions, " << tally.swaps
            << " swaps, 0 hits; a naive tool hit its victim " << tally.naive_hits << " times"
            << std::endl;
  return tally;
}

void race_on_both(const MakeScene& make,
                  const std::function<std::vector<std::string>(const Scene&)>& ask, bool by_link,
                  const std::string& what) {
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs}) {
    INFO(name(file_system));
    const Tally tally = race(make, ask, file_system, by_link, what);
    REQUIRE(tally.actions > 0);
    REQUIRE(tally.naive_hits > 0);
  }
}

// He is trusted, so that owners are changed as well; what is no file of the tree is so little
// touched as without.
std::string demand(std::uint32_t owner, const std::string& mode) {
  return "owner = " + std::to_string(owner) + "\ngroup = 7001\nmode = \"" + mode +
         "\"\ntrust = [\"7001\", \"7002\"]\n";
}

}  // namespace

TEST_CASE("a file exchanged for a link is corrected or left and never its target - T03") {
  race_on_both(
      file_and_symlink,
      [](const Scene& scene) {
        return std::vector<std::string>{
            rule("f", scene.named, "type = \"file\"\n" + demand(7001, "0640")),
            rule("f", scene.named, demand(7002, "0604") + "acl = [\"user:7003:r\"]")};
      },
      false, "an exchange of a file and a link");
}

TEST_CASE("a directory exchanged for a link under a recursion is corrected nowhere else - T04") {
  race_on_both(
      directory_and_symlink,
      [](const Scene& scene) {
        const std::string home = scene.path("home");
        const std::string recursion = "recurse = true\ntrust = [\"7001\", \"7002\"]\n";
        return std::vector<std::string>{
            rule("t", home, recursion + "files = { owner = 7001, mode = \"0640\" }"),
            rule("f", scene.named, demand(7002, "0604")),
            rule("t", home, recursion + "files = { owner = 7002, mode = \"0604\", acl = [] }"),
            rule("g", home + "/*/shadow", demand(7001, "0644"))};
      },
      false, "an exchange of a directory and a link");
}

TEST_CASE("a file exchanged for a hard link is corrected and what is linked is not - T05") {
  race_on_both(
      file_and_hard_link,
      [](const Scene& scene) {
        // Without trust: it is his own that he could do so himself.
        return std::vector<std::string>{
            rule("f", scene.named, "owner = 7001\ngroup = 7001\nmode = \"0640\""),
            rule("f", scene.named, "owner = 7001\ngroup = 7001\nmode = { at_most = \"0400\" }")};
      },
      true, "an exchange of a file and a hard link");
}
