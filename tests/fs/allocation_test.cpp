// SPDX-License-Identifier: Apache-2.0
// What is in policy allocates nothing: a run over 100 times as many files makes as many
// allocations. Counts them by operator new of its own.
#include "base/fd.hpp"
#include "engine/check.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/sampling.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <new>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace {

std::atomic<std::uint64_t> allocations{0};
// The allocation that fails, counted from when it is set; 0: none.
std::atomic<std::uint64_t> failing{0};

void count() {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (failing.load(std::memory_order_relaxed) == 0) return;
  if (failing.fetch_sub(1, std::memory_order_relaxed) == 1) throw std::bad_alloc();
}

void* counted(std::size_t size) {
  count();
  if (void* const memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

void* counted(std::size_t size, std::size_t alignment) {
  count();
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  if (void* const memory = std::aligned_alloc(alignment, whole)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace permward;
using namespace permward::test;

namespace {

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

// `directories` below `top`, each with `files` in it, all of them in policy. Names are long, so
// that a copy of one would be seen.
void make_tree(const std::string& top, int directories, int files) {
  for (int d = 0; d < directories; ++d) {
    const std::string path = top + "/a-directory-with-a-long-name-" + std::to_string(d);
    require(mkdir(path.c_str(), 0755) == 0 && chmod(path.c_str(), 0755) == 0, "mkdir");
    const Fd at(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int f = 0; f < files; ++f) {
      const std::string name = "a-file-with-a-long-name-" + std::to_string(f) + ".conf";
      const Fd fd(openat(at.get(), name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
      require(static_cast<bool>(fd) && fchmod(fd.get(), 0640) == 0, "create");
    }
  }
}

struct Run {
  std::uint64_t allocations = 0;
  std::uint64_t objects = 0;
};

Run run(const Policy& policy, unsigned jobs = 1) {
  const Result<System> system = host_system();
  CheckOptions options;
  options.jobs = jobs;
  const std::uint64_t before = allocations;
  const Result<CheckOutcome> outcome = check(policy, *system, options);
  const std::uint64_t after = allocations;
  REQUIRE(outcome.ok());
  REQUIRE(outcome->findings.empty());
  REQUIRE(outcome->objects == outcome->compliant);
  return {after - before, outcome->objects};
}

std::string tree_rule(const std::string& path) {
  return "[[rule]]\nid = \"t\"\npath = " + quoted(path) +
         "\nrecurse = true\nowner = [\"root\", \"daemon\"]\ngroup = \"root\"\nacl = []\n"
         "files = { mode = { at_most = \"0644\" } }\ndirectories = { mode = \"0755\" }\n";
}

// With globs, excludes and a symbolic mode beside it.
std::string many_rules(const std::string& path) {
  return tree_rule(path) + "[[rule]]\nid = \"g\"\npath = " + quoted(path + "/**/*.conf") +
         "\nmode = \"o-w\"\n[[rule]]\nid = \"h\"\npath = " + quoted(path + "/*/a-*-[0-9]*") +
         "\nacl = { at_most = [\"user:daemon:r\"] }\n[[rule]]\nid = \"e\"\npath = " + quoted(path) +
         "\nrecurse = true\nexclude = [\"*-77*\", \"*-name-1/**\"]\nmode = \"ug-s\"\n";
}

}  // namespace

TEST_CASE("100,000 compliant files make as many allocations as 1,000 do") {
  std::vector<FileSystem> on = {FileSystem::tmpfs, FileSystem::ext4};
  on.resize(sample(1, 2, "file systems: tmpfs, not ext4"));
  for (const FileSystem file_system : on) {
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    make_tree(tree.directory("few"), 10, 100);
    make_tree(tree.directory("many"), 10, 10000);
    for (const bool globs : {false, true}) {
      const auto rules = globs ? many_rules : tree_rule;
      INFO(name(file_system) << (globs ? ", globs" : ""));
      const Policy few = policy_of(rules(tree.path("few")));
      const Policy many = policy_of(rules(tree.path("many")));
      (void)run(few);  // what the libraries keep for good
      const Run small = run(few);
      const Run large = run(many);
      std::cout << "allocations on " << name(file_system) << (globs ? " with globs" : "") << ": "
                << small.allocations << " for " << small.objects << " objects, "
                << large.allocations << " for " << large.objects << std::endl;
      REQUIRE(small.objects == 1011);
      REQUIRE(large.objects == 100011);
      // Each step that no shorter name led to is one of the automaton that globs are.
      const std::uint64_t steps = globs ? 32 : 0;
      REQUIRE(large.allocations >= small.allocations);
      REQUIRE(large.allocations <= small.allocations + steps);
    }
  }
}

TEST_CASE("100 times as many directories allocate no more than the nodes that are in use") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_tree(tree.directory("few"), 10, 100);
  make_tree(tree.directory("many"), 1000, 100);
  // Each of the many in one of its own, so that few wait at a time.
  tree.directory("chains");
  for (int i = 0; i < 100; ++i) {
    make_tree(tree.directory("chains/one-of-the-chains-of-directories-" + std::to_string(i)), 10,
              100);
  }
  (void)run(policy_of(tree_rule(tree.path("few"))));
  const Run few = run(policy_of(tree_rule(tree.path("few"))));
  const Run many = run(policy_of(tree_rule(tree.path("many"))));
  const Run chains = run(policy_of(tree_rule(tree.path("chains"))));
  std::cout << "allocations: " << few.allocations << " for 11 directories, " << many.allocations
            << " for 1,001 in one, " << chains.allocations << " for 1,101 in 100" << std::endl;
  REQUIRE(many.objects == 101001);
  REQUIRE(chains.objects == 101101);
  // A node and its name for each directory that waits at a time.
  REQUIRE(many.allocations - few.allocations < 2 * 1000 + 30);
  REQUIRE(chains.allocations - few.allocations < 2 * 120 + 30);
}

TEST_CASE("several threads allocate no more for 100,000 files") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_tree(tree.directory("few"), 10, 100);
  make_tree(tree.directory("many"), 10, 10000);
  const Policy few = policy_of(many_rules(tree.path("few")));
  const Policy many = policy_of(many_rules(tree.path("many")));
  (void)run(few, 4);
  // Who meets what first differs from run to run. Each thread comes to know for itself what one
  // alone does, at most.
  const Run alone = run(few, 1);
  const Run large = run(many, 4);
  REQUIRE(large.allocations < 4 * alone.allocations + 1000);
}

TEST_CASE("memory that runs out at any point is an exception and no verdict - T98") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_tree(tree.directory("t"), 3, 3);
  tree.file("t/bad", "", 0666);
  const Policy policy = policy_of(many_rules(tree.path("t")));
  const Result<System> system = host_system();
  for (const unsigned jobs : {1U, 3U}) {
    std::uint64_t exceptions = 0;
    bool whole = false;
    for (std::uint64_t nth = 1; !whole; ++nth) {
      INFO("allocation " << nth << " of a run of " << jobs << " threads fails");
      CheckOptions options;
      options.jobs = jobs;
      failing = nth;
      try {
        const Result<CheckOutcome> outcome = check(policy, *system, options);
        whole = failing != 0;
        failing = 0;
        // Whoever goes on without has seen what there is, or says that it has not.
        if (outcome.ok()) REQUIRE_FALSE(outcome->findings.empty());
      } catch (const std::bad_alloc&) {
        failing = 0;
        ++exceptions;
      }
      REQUIRE(nth < 5000);
    }
    REQUIRE(exceptions > 300);
  }
}
