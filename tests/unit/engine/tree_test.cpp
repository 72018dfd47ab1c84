// SPDX-License-Identifier: Apache-2.0
#include "engine/tree.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <array>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using permward::test::TempTree;

namespace {

int open_descriptors() {
  DIR* const all = opendir("/proc/self/fd");
  REQUIRE(all != nullptr);
  int count = -1;  // its own
  while (const dirent* const entry = readdir(all)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(all);
  return count;
}

// One thread's walk of a tree in which each directory has the same number of subdirectories, as
// far as `Tree` is concerned: directories are opened, kept or stood in, and their children found.
class Walk {
 public:
  explicit Walk(unsigned most_kept) : tree_(kernel_, most_kept) {}
  ~Walk() { tree_.leave(standing_); }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  Dir* root(const std::string& path, std::uint32_t children) {
    Dir* const dir = tree_.make(nullptr);
    took(*dir, Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), children);
    return dir;
  }

  Dir* child(Dir* up, const std::string& name) {
    Dir* const dir = tree_.make(up);
    dir->name = name;
    return dir;
  }

  // Opens `dir` by its parent's descriptor, and keeps it for so many children.
  Result<void> enter(Dir* dir, std::uint32_t children) {
    TRY_ASSIGN(const int parent, tree_.parent_descriptor(*dir, standing_, observer_));
    TRY_ASSIGN(Fd fd, open_directory(kernel_, parent, dir->name.c_str(), Crossing::refused));
    tree_.opened(*dir);
    took(*dir, std::move(fd), children);
    return {};
  }

  // The inode of what the parent's descriptor of `dir` names by its name.
  Result<std::uint64_t> find(Dir* dir) {
    TRY_ASSIGN(const int parent, tree_.parent_descriptor(*dir, standing_, observer_));
    Observed observed;
    TRY(observer_.by_name(parent, dir->name.c_str(), FacetSet{}, observed));
    return observed.identity.inode;
  }

  Tree& tree() { return tree_; }
  [[nodiscard]] const Dir* standing() const { return standing_.dir; }

 private:
  void took(Dir& dir, Fd fd, std::uint32_t children) {
    Observed observed;
    REQUIRE(observer_.of(fd.get(), FacetSet{}, observed).ok());
    dir.identity = observed.identity;
    if (children > 0) tree_.keep(dir, std::move(fd), children, standing_);
  }

  Kernel kernel_;
  Mounts mounts_;
  Observer observer_{kernel_, mounts_};
  Tree tree_;
  Standing standing_;
};

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_ino;
}

}  // namespace

TEST_CASE("the path of a directory is the names on the way to it") {
  Walk walk(10);
  TempTree there;
  Dir* const root = walk.root(there.root(), 1);
  REQUIRE(path_of(*root) == "/");
  Dir* const a = walk.child(root, "a");
  REQUIRE(path_of(*a) == "/a");
  REQUIRE(path_of(*walk.child(a, "b\n")) == "/a/b\n");
}

TEST_CASE("descriptors are bounded and every directory is found again - T72") {
  for (const unsigned most_kept : {1U, 2U, 5U, 40U}) {
    INFO(most_kept << " kept");
    TempTree there;
    Walk walk(most_kept);
    const int before = open_descriptors();
    // A chain, and beside each of its directories another that is opened on the way back.
    std::vector<std::pair<Dir*, std::string>> aside;
    Dir* at = walk.root(there.root(), 2);
    std::string path;
    for (int level = 0; level < 60; ++level) {
      there.directory(path + "a");
      there.directory(path + "b");
      aside.emplace_back(walk.child(at, "b"), path + "b");
      at = walk.child(at, "a");
      path += "a/";
      REQUIRE(walk.enter(at, 2).ok());
      REQUIRE(open_descriptors() - before <= static_cast<int>(most_kept) + 1);
    }
    for (; !aside.empty(); aside.pop_back()) {
      INFO(aside.back().second);
      const Result<std::uint64_t> found = walk.find(aside.back().first);
      REQUIRE(found.ok());
      REQUIRE(*found == inode_of(there.path(aside.back().second)));
      REQUIRE(walk.enter(aside.back().first, 0).ok());
      REQUIRE(open_descriptors() - before <= static_cast<int>(most_kept) + 1);
    }
  }
}

TEST_CASE("files that are put off come behind all directories, and keep half of the descriptors") {
  TempTree there;
  there.file("f");
  Walk walk(5);
  Tree& tree = walk.tree();
  Dir* const root = walk.root(there.root(), 1);
  const auto file = [&] {
    return Fd(open(there.path("f").c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  };
  Fd first = file();
  REQUIRE(tree.put_off(walk.child(root, "f"), first));
  REQUIRE_FALSE(first);
  Fd second = file();
  Dir* const refused = walk.child(root, "f");
  REQUIRE_FALSE(tree.put_off(refused, second));  // the root has one
  REQUIRE(second);
  tree.give_back(refused);
  Dir* const directory = walk.child(root, "d");
  tree.push({&directory, 1});
  REQUIRE(tree.take() == directory);
  tree.done(directory);
  Dir* const taken = tree.take();
  REQUIRE(taken->is_file);
  REQUIRE(path_of(*taken) == "/f");
  tree.done(taken);
  REQUIRE(tree.take() == nullptr);
  Dir* const again = walk.child(root, "f");
  REQUIRE_FALSE(again->is_file);
  REQUIRE(tree.put_off(again, second));
}

TEST_CASE("what has been put in the place of a directory is not it - T04") {
  TempTree there;
  there.directory("a/b/c/d");
  there.directory("other/c/d");
  there.directory("z");
  Walk walk(1);
  Dir* const root = walk.root(there.root(), 3);
  Dir* const a = walk.child(root, "a");
  Dir* const b = walk.child(a, "b");
  Dir* const c = walk.child(b, "c");
  Dir* const d = walk.child(c, "d");
  Dir* const z = walk.child(root, "z");
  for (Dir* const one : {a, b, c, z}) REQUIRE(walk.enter(one, 1).ok());
  REQUIRE(walk.find(d).ok());
  REQUIRE(walk.find(walk.child(z, "x")).error().kind == ErrorKind::not_found);  // stands in z now

  REQUIRE(rename(there.path("a/b").c_str(), there.path("moved").c_str()) == 0);
  REQUIRE(walk.find(d).error().kind == ErrorKind::not_found);
  REQUIRE(rename(there.path("other").c_str(), there.path("a/b").c_str()) == 0);
  REQUIRE(walk.find(d).error().kind == ErrorKind::changed);
  REQUIRE(symlink("../moved", there.path("a/link").c_str()) == 0);
  REQUIRE(rename(there.path("a/b").c_str(), there.path("other").c_str()) == 0);
  REQUIRE(rename(there.path("a/link").c_str(), there.path("a/b").c_str()) == 0);
  REQUIRE_FALSE(walk.find(d).ok());
  // Where it is again, it is found.
  REQUIRE(unlink(there.path("a/b").c_str()) == 0);
  REQUIRE(rename(there.path("moved").c_str(), there.path("a/b").c_str()) == 0);
  REQUIRE(walk.find(d).ok());
}

TEST_CASE("who moves the directory that a thread stands in hides nothing but that - T04") {
  TempTree there;
  there.directory("r/1/2/3/4/5");
  there.directory("r/1/2/3/his/x/y");
  Walk walk(1);
  Dir* at = walk.root(there.root(), 1);
  for (const char* one : {"r", "1", "2", "3"}) {
    at = walk.child(at, one);
    REQUIRE(walk.enter(at, 2).ok());
  }
  Dir* const four = walk.child(at, "4");
  REQUIRE(walk.enter(four, 1).ok());
  Dir* const five = walk.child(four, "5");
  Dir* his = at;
  for (const char* one : {"his", "x", "y"}) {
    his = walk.child(his, one);
    REQUIRE(walk.enter(his, 1).ok());
  }
  REQUIRE(walk.standing() == his);
  REQUIRE(rename(there.path("r/1/2/3/his/x/y").c_str(), there.path("r/1/2/3/his/y").c_str()) == 0);
  const Result<std::uint64_t> found = walk.find(five);
  REQUIRE(found.ok());
  REQUIRE(*found == inode_of(there.path("r/1/2/3/4/5")));
}

TEST_CASE("nodes are used again once nothing below them is left") {
  TempTree there;
  Kernel kernel;
  Tree tree(kernel, 10);
  Dir* const root = tree.make(nullptr);
  root->name = "root";
  tree.push({&root, 1});
  REQUIRE(tree.take() == root);
  Dir* const child = tree.make(root);
  tree.push({&child, 1});
  tree.done(root);
  REQUIRE(root->references == 1);  // its child
  REQUIRE(tree.take() == child);
  tree.done(child);
  REQUIRE(tree.take() == nullptr);
  const Dir* const again = tree.make(nullptr);
  REQUIRE((again == root || again == child));
  REQUIRE_FALSE(again->kept);
}

TEST_CASE("takers wait while there may be more and go when there is none") {
  Kernel kernel;
  Tree tree(kernel, 10);
  Dir* const root = tree.make(nullptr);
  tree.push({&root, 1});
  std::atomic<int> taken{0};
  const auto work = [&] {
    while (Dir* const dir = tree.take()) {
      if (++taken < 1000) {
        std::array<Dir*, 2> children{tree.make(dir), tree.make(dir)};
        tree.push(children);
      }
      tree.done(dir);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  REQUIRE(taken >= 1999);
  REQUIRE(taken <= 2 * 1000 + 8);
}

TEST_CASE("a stop makes every taker go") {
  Kernel kernel;
  Tree tree(kernel, 10);
  Dir* const root = tree.make(nullptr);
  tree.push({&root, 1});
  REQUIRE(tree.take() == root);
  std::thread waits([&] { (void)tree.take(); });
  tree.stop();
  waits.join();
  REQUIRE(tree.take() == nullptr);
}
