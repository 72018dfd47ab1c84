// SPDX-License-Identifier: Apache-2.0
// Restores and snapshots of what lies in directories of somebody else's, who acts in them all the
// time.
#include "engine/collect.hpp"
#include "engine/evidence.hpp"
#include "engine/restore.hpp"
#include "fs/attack_support.hpp"
#include "os/system.hpp"
#include "store/spool_file.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

constexpr std::uint64_t no_limit = std::uint64_t{1} << 20;
constexpr const char* good = "good";
constexpr const char* his = "E";

template <class T>
T required(Result<T> result, const char* what) {
  require(result.ok(), what);
  return std::move(*result);
}

void write_to(int directory, const char* name, int flags, const std::string& content) {
  const Fd file(openat(directory, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0644));
  if (file) (void)!write(file.get(), content.data(), content.size());
}

std::string content_of(int directory, const char* name) {
  const Fd file(openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string out(64, '\0');
  const ssize_t got = file ? read(file.get(), out.data(), out.size()) : 0;
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

// One object as it was accepted, and a store that takes evidence.
class Accepted {
 public:
  Accepted(const std::string& path, const std::string& policy, const std::string& store)
      : policy_(policy_of(policy)),
        system_(required(host_system(), "find the system")),
        file_(required(spool_file(0), "make a spool")),
        state_(required(StateDir::open(store, StateDir::Missing::is_created), "make a store")),
        snapshots_(required(Snapshots::open(state_, StateDir::Missing::is_created), "open it")),
        evidence_(system_, snapshots_, nullptr, {2, no_limit}) {
    Spool spool{file_.get(), 0};
    const Kernel kernel;
    const Mounts mounts;
    Observer observer(kernel, mounts);
    const Fd held(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    Captured captured =
        required(capture(kernel, observer, held.get(), no_limit, spool, nullptr), "capture it");
    captured.object.path = path;
    objects_.spooled.objects.push_back(std::move(captured.object));
    objects_.spooled.contents.push_back(0);
    objects_.on_the_way.push_back(false);
    objects_.spool = file_.get();
  }

  std::uint64_t restore(Changer& changer) {
    Hands hands;
    hands.changer = &changer;
    hands.evidence = &evidence_;
    const auto done = permward::restore(policy_, system_, objects_, {}, hands);
    require(done.ok(), "restore");
    return done->changed;
  }

 private:
  Policy policy_;
  System system_;
  Fd file_;
  StateDir state_;
  Snapshots snapshots_;
  Evidence evidence_;
  ToRestore objects_;
};

std::shared_ptr<Fd> directory(const std::string& path) {
  return std::make_shared<Fd>(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string trusted(const std::string& path) {
  return rule("f", path, "content = \"pinned\"\ntrust = [\"7001\"]\n");
}

// In his directory: one with the file in it, and a link to a directory of root's.
Scene exchanged_parent(TempTree& tree, const std::string& top) {
  his_directory(tree, top + "/home");
  his_directory(tree, top + "/home/d");
  tree.directory(top + "/safe");
  const std::string named = tree.file(top + "/home/d/f", good, 0644);
  tree.chown(top + "/home/d/f", mallory, mallory);
  const std::string link = tree.symlink(top + "/home/l", "../safe");
  tree.chown(top + "/home/l", mallory, mallory);
  Victim victim(tree.file(top + "/safe/shadow", "secret", 0600), Victim::Time::counts);
  const auto accepted =
      std::make_shared<Accepted>(named, trusted(named), tree.path(top + "/state"));
  const auto inside = directory(tree.path(top + "/home/d"));
  const auto safe = directory(tree.path(top + "/safe"));
  Scene out = exchange_scene(std::move(victim), tree.path(top + "/home/d"), link, named);
  const auto victim_hit = out.hit;
  out.begin = [inside] { (void)unlinkat(inside->get(), "f", 0); };
  out.run = [accepted](Changer& changer) { return accepted->restore(changer); };
  out.naive = [home = tree.path(top + "/home")] {
    for (int i = 0; i < 100; ++i) {
      struct stat status {};
      if (lstat((home + "/d").c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
      const Fd file(open((home + "/d/f").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    }
  };
  out.hit = [safe, victim_hit] {
    return victim_hit() || faccessat(safe->get(), "f", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  };
  out.mend = [safe] { (void)unlinkat(safe->get(), "f", 0); };
  return out;
}

// Everything in his directory but one file is his own as soon as he sees it.
bool take_all_but(int directory, const char* spared) {
  const int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* const stream = again < 0 ? nullptr : fdopendir(again);
  if (stream == nullptr) return false;
  while (const dirent* const entry = readdir(stream)) {
    const char* const name = entry->d_name;
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    if (std::strcmp(name, spared) == 0 || std::strcmp(name, "kept") == 0) continue;
    if (unlinkat(directory, name, 0) != 0) (void)renameat(directory, name, directory, "kept");
    write_to(directory, name, O_CREAT | O_TRUNC, his);
  }
  (void)unlinkat(directory, "kept", AT_REMOVEDIR);
  return closedir(stream) == 0;
}

Scene names_beside(TempTree& tree, const std::string& top) {
  his_directory(tree, top + "/home");
  const std::string named = tree.file(top + "/home/t", good, 0644);
  tree.chown(top + "/home/t", mallory, mallory);
  const auto accepted =
      std::make_shared<Accepted>(named, trusted(named), tree.path(top + "/state"));
  const auto home = directory(tree.path(top + "/home"));
  const auto turn = std::make_shared<int>(0);
  Scene out;
  out.attack = [home] { return take_all_but(home->get(), "t"); };
  out.begin = [home, turn] {
    if (++*turn % 2 == 0) {
      (void)unlinkat(home->get(), "t", 0);
    } else {
      write_to(home->get(), "t", O_TRUNC, "bad");
    }
  };
  out.run = [accepted](Changer& changer) { return accepted->restore(changer); };
  // Under another name in the same directory, and then renamed.
  out.naive = [home] {
    write_to(home->get(), ".t.tmp", O_CREAT | O_TRUNC, good);
    (void)renameat(home->get(), ".t.tmp", home->get(), "t");
  };
  out.hit = [home] { return content_of(home->get(), "t") == his; };
  out.mend = [home] { (void)unlinkat(home->get(), "t", 0); };
  return out;
}

// What is taken of a file that he exchanges for a link to a secret of root's.
Scene captured(TempTree& tree, const std::string& top) {
  his_directory(tree, top + "/home");
  tree.directory(top + "/safe");
  const std::string named = tree.file(top + "/home/f", "mine", 0644);
  tree.chown(top + "/home/f", mallory, mallory);
  const std::string link = tree.symlink(top + "/home/l", "../safe/shadow");
  tree.chown(top + "/home/l", mallory, mallory);
  Victim victim(tree.file(top + "/safe/shadow", "secret", 0600), Victim::Time::counts);
  Scene out = exchange_scene(std::move(victim), named, link, named);
  const auto leaked = std::make_shared<bool>(false);
  const auto policy = std::make_shared<Policy>(
      policy_of(rule("f", named, "type = \"file\"\ncontent = \"pinned\"\n")));
  const auto system = std::make_shared<System>(required(host_system(), "find the system"));
  out.run = [=](Changer& /*changer*/) {
    const Fd file = required(spool_file(0), "make a spool");
    Spool spool{file.get(), 0};
    const Collected found = required(collect(*policy, *system, {}, no_limit, spool), "collect");
    std::uint64_t files = 0;
    for (std::size_t i = 0; i < found.taken.objects.size(); ++i) {
      if (found.taken.objects[i].state.type != Type::file) continue;
      ++files;
      std::string content(found.taken.objects[i].size, '\0');
      (void)!pread(file.get(), content.data(), content.size(),
                   static_cast<off_t>(found.taken.contents[i]));
      *leaked = *leaked || content != "mine";
    }
    return files;
  };
  out.naive = [named, leaked] {
    for (int i = 0; i < 100; ++i) {
      struct stat status {};
      if (lstat(named.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      std::ifstream in(named);
      std::string content;
      std::getline(in, content);
      *leaked = *leaked || content == "secret";
    }
  };
  out.hit = [leaked] { return *leaked; };
  out.mend = [leaked] { *leaked = false; };
  return out;
}

}  // namespace

TEST_CASE("what is restored while its directory is exchanged for a link lands nowhere else - T16") {
  withstand({"T16", "restore: its directory and a link exchanged", exchanged_parent});
}

TEST_CASE("what is restored among names of somebody else's is what was accepted - T17") {
  withstand(
      {"T17", "restore: every name beside it taken and put back as another file", names_beside});
}

TEST_CASE("of a file exchanged for a link to a secret nothing secret is kept - T18") {
  withstand({"T18", "snapshot: a file and a link to a secret exchanged", captured});
}
