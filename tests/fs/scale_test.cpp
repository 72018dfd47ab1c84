// SPDX-License-Identifier: Apache-2.0
// Trees that are deep, wide or many, under small limits.
#include "base/fd.hpp"
#include "engine/check.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/patience.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <iostream>
#include <pthread.h>
#include <random>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

// A chain of directories below `top`, `depth` of them, named `name`, each with `beside` further
// directories in it, made before and after it, so that whichever a listing shows last some wait
// while the chain is walked; at its end lies a file `leaf` that is too wide.
void make_deep(const std::string& top, int depth, const std::string& name, int beside) {
  Fd at(open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int level = 0; level < depth; ++level) {
    for (int i = 0; i <= beside; ++i) {
      const std::string other = std::to_string(i) + name.substr(1);
      const std::string& made = i == beside / 2 ? name : other;
      require(mkdirat(at.get(), made.c_str(), 0755) == 0, "mkdir");
    }
    at.reset(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    require(static_cast<bool>(at), "open");
  }
  const Fd leaf(openat(at.get(), "leaf", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  require(static_cast<bool>(leaf) && fchmod(leaf.get(), 0666) == 0, "create");
}

// Sanitizers want far more stack and memory than the program does.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

struct Limits {
  rlim_t descriptors = 256;
  std::size_t stack = std::size_t{256} << (sanitized ? 15 : 10);
};

// Runs `work` in a child under small limits: few descriptors, and threads with small stacks.
int run_limited(const Limits& limits, const std::function<int()>& work) {
  return run_as(0, 0, [&] {
    const rlimit few{limits.descriptors, limits.descriptors};
    require(setrlimit(RLIMIT_NOFILE, &few) == 0, "setrlimit");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, limits.stack);
    require(pthread_setattr_default_np(&attributes) == 0, "stack size");
    pthread_attr_destroy(&attributes);
    return work();
  });
}

// Numbers that show in a test's output, and are not to be surprising.
long peak_memory_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("a tree of 6,000 levels is walked with few descriptors and small stacks - T72") {
  struct {
    int beside;
    int depth;
  } const shapes[] = {{0, 6000}, {3, 6000}};
  for (const FileSystem file_system : file_systems()) {
    for (const auto& shape : shapes) {
      INFO(name(file_system) << ", " << shape.beside + 1 << " children a level");
      ImageMount mount(file_system);
      TempTree& tree = mount.tree();
      make_deep(tree.directory("t"), shape.depth, std::string(200, 'd'), shape.beside);
      const Policy policy = policy_of(
          rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"go-w\" }\nacl = []"));
      for (const unsigned jobs : {1U, 4U}) {
        const int status = run_limited({}, [&] {
          const auto start = Clock::now();
          CheckOptions options;
          options.jobs = jobs;
          const Checked checked = check_policy(policy, options);
          const double took = seconds_since(start);
          const CheckOutcome& outcome = checked.outcome;
          std::cout << "deep on " << name(file_system) << ", " << shape.beside + 1
                    << " children a level, " << jobs << " threads: " << outcome.objects
                    << " objects in " << took << " s, " << peak_memory_kb() / 1024 << " MB"
                    << std::endl;
          if (outcome.findings.size() != 1) {
            for (const Finding& one : outcome.findings) {
              std::cerr << one.path.size() << ' ' << one.message.substr(0, 100) << std::endl;
            }
            return 1;
          }
          const Finding& leaf = outcome.findings[0];
          const std::size_t length = tree.path("t").size() + 201 * 6000 + 5;
          if (leaf.aspect != Aspect::mode || leaf.path.size() != length) return 2;
          const auto directories = static_cast<std::uint64_t>(shape.depth) *
                                       static_cast<std::uint64_t>(shape.beside + 1) +
                                   1;
          return outcome.objects == directories + 1 && took < 20 * slowness() ? 0 : 3;
        });
        REQUIRE(status == 0);
      }
    }
  }
}

TEST_CASE("findings all along a deep tree take memory for each, not for its whole path - T72") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  constexpr int depth = 2500;  // the paths are 0.6 GB
  make_deep(tree.directory("t"), depth, std::string(200, 'd'), 0);
  tree.symlink("way", ".");
  const Policy policy = policy_of(rule("t", tree.path("way/t"), "recurse = true\nmode = \"0000\""));
  for (const unsigned jobs : {1U, 4U}) {
    const int status = run_limited({}, [&] {
      CheckOptions options;
      options.jobs = jobs;
      const Checked checked = check_policy(policy, options);
      std::cout << "findings along a deep tree, " << jobs << " threads: " << peak_memory_kb() / 1024
                << " MB" << std::endl;
      if (checked.outcome.findings.size() != depth + 2) return 1;
      const Finding& last = checked.outcome.findings.back();
      const std::string below = last.resolved.text().substr(tree.path("t").size());
      if (last.path.text() != tree.path("way/t") + below || below.size() < 201 * depth) return 2;
      return sanitized || peak_memory_kb() < 200 * 1024 ? 0 : 3;
    });
    REQUIRE(status == 0);
  }
}

TEST_CASE("a long literal path beside a deep tree leaves descriptors for both - T72") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_deep(tree.directory("t"), 1000, "d", 2);
  std::string deep = "z";  // resolved last
  for (int i = 0; i < 90; ++i) deep += "/n";
  tree.file(deep + "/f", "", 0666);
  const Policy policy =
      policy_of(rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"go-w\" }") +
                rule("f", tree.path(deep + "/f"), "mode = \"0600\""));
  for (const rlim_t descriptors : {rlim_t{256}, rlim_t{128}, rlim_t{64}}) {
    INFO(descriptors << " descriptors");
    const int status = run_limited({descriptors}, [&] {
      CheckOptions options;
      options.jobs = 2;
      const Checked checked = check_policy(policy, options);
      for (const Finding& one : checked.outcome.findings) {
        if (one.aspect == Aspect::mode) continue;
        std::cerr << one.message.substr(0, 200) << std::endl;
        return 1;
      }
      return checked.outcome.findings.size() == 2 ? 0 : 2;
    });
    CHECK(status == 0);
  }
}

TEST_CASE("too few descriptors are an error and never a verdict - T66") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_deep(tree.directory("t"), 50, "d", 3);
  tree.directory("one/two/three");
  tree.symlink("way", "one/two");
  const Policy policy =
      policy_of(rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"go-w\", acl = [] }") +
                rule("f", tree.path("way/three"), "mode = \"0755\""));
  int errors = 0;
  int verdicts = 0;
  for (rlim_t descriptors = 3; descriptors < 40; ++descriptors) {
    INFO(descriptors << " descriptors");
    const int status = run_limited({descriptors}, [&] {
      CheckOptions options;
      options.jobs = descriptors % 3 == 0 ? 3 : 1;
      const Result<System> system = host_system();
      if (!system.ok()) return 1;
      const Result<CheckOutcome> outcome = check(policy, *system, options);
      if (!outcome.ok()) return 1;
      if (outcome->findings.empty()) return 2;
      for (const Finding& one : outcome->findings) {
        if (one.aspect == Aspect::path) return 1;
      }
      return outcome->findings.size() == 1 ? 0 : 2;
    });
    REQUIRE((status == 0 || status == 1));
    ++(status == 0 ? verdicts : errors);
  }
  REQUIRE(errors > 0);
  REQUIRE(verdicts > 0);
}

TEST_CASE("a glob over a deep tree whose links are followed is bounded - T72") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  make_deep(tree.directory("t"), 6000, std::string(200, 'd'), 3);
  tree.file("far/leaf", "", 0666);
  tree.symlink("t/leaf", "../far/leaf");
  const Policy policy = policy_of(
      rule("g", tree.path("t/**/leaf"), "follow = true\ntype = \"file\"\nmode = \"go-w\""));
  const int status = run_limited({}, [&] {
    const auto start = Clock::now();
    const Checked checked = check_policy(policy);
    const double took = seconds_since(start);
    std::cout << "deep, links followed: " << took << " s, " << peak_memory_kb() / 1024 << " MB"
              << std::endl;
    if (checked.outcome.findings.size() != 2) return 1;
    if (checked.outcome.findings[1].path != tree.path("t/leaf")) return 2;
    return took < 20 * slowness() && (sanitized || peak_memory_kb() < 300 * 1024) ? 0 : 3;
  });
  REQUIRE(status == 0);
}

TEST_CASE("a directory of 100,000 files is walked - T73") {
  std::vector<FileSystem> on = {FileSystem::ext4, FileSystem::tmpfs};
  on.resize(sample(1, 2, "file systems: ext4, not tmpfs"));
  for (const FileSystem file_system : on) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const Fd top(open(tree.directory("t").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 100000; ++i) {
      const std::string entry = std::to_string(i);
      const Fd fd(openat(top.get(), entry.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
      require(static_cast<bool>(fd), "create");
      if (i % 1000 == 0) require(fchmod(fd.get(), 0666) == 0, "chmod");
    }
    const auto start = Clock::now();
    const Checked checked = check_text(
        rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"go-w\", acl = [] }"));
    std::cout << "wide on " << name(file_system) << ": " << checked.outcome.objects
              << " objects in " << seconds_since(start) << " s" << std::endl;
    REQUIRE(checked.outcome.findings.size() == 100);
    REQUIRE(checked.outcome.objects == 100001);
  }
}

TEST_CASE("a directory in which names are made all the time ends - T73") {
  for (const FileSystem file_system : {FileSystem::tmpfs, FileSystem::ext4}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("t");
    for (int i = 0; i < 2000; ++i) tree.file("t/stays" + std::to_string(i), "", 0600);
    tree.chown("t", mallory, mallory);
    const std::string top = tree.path("t");
    int number = 0;
    const Busy busy(mallory, mallory, [&] {
      // Made, renamed and, so that there is an end to it, removed in the end.
      const std::string made = top + "/n" + std::to_string(number++);
      const std::string renamed = top + "/m" + std::to_string(number % 1000);
      const int fd = open(made.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      if (fd < 0) return false;
      close(fd);
      return rename(made.c_str(), renamed.c_str()) == 0;
    });
    const std::string policy = rule("t", top, "recurse = true\nfiles = { mode = \"0600\" }");
    for (int run = 0; run < 10; ++run) {
      const auto start = Clock::now();
      const Checked checked = check_text(policy);
      REQUIRE(seconds_since(start) < 10 * slowness());
      REQUIRE(checked.lines() == Lines{});
      REQUIRE(checked.outcome.objects >= 2000);
    }
    REQUIRE(busy.times() > 10);
  }
}

TEST_CASE("findings are the same whatever the number of threads") {
  std::mt19937 random(7);
  const std::size_t directories = sample(600, 5000, "directories of a random tree");
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    std::vector<std::string> all = {"t"};
    tree.directory("t");
    for (std::size_t i = 0; i < directories; ++i) {
      // Near the last often, so that there are deep ones.
      const std::size_t up = random() % 3 == 0 ? random() % all.size() : all.size() - 1;
      const std::string path =
          all[up] + '/' + static_cast<char>('a' + random() % 4) + std::to_string(i);
      tree.directory(path, random() % 5 == 0 ? 0775 : 0755);
      if (random() % 4 == 0) tree.chown(path, mallory, 0);
      all.push_back(path);
      for (std::size_t files = random() % 6; files > 0; --files) {
        const std::string file = path + "/f" + std::to_string(files);
        tree.file(file, "", random() % 3 == 0 ? 0666 : 0640);
        if (random() % 6 == 0) tree.chown(file, mallory, mallory);
        if (random() % 9 == 0) tree.symlink(path + "/l" + std::to_string(files), "nowhere");
      }
    }
    const Policy policy =
        policy_of(rule("t", tree.path("t"),
                       "recurse = true\nowner = \"root\"\nacl = []\nfiles = { mode = \"0640\" }") +
                  rule("g", tree.path("t/**/a*"), "type = \"directory\"\nmode = \"go-w\"") +
                  rule("d", tree.path("t/*/b*"),
                       "recurse = 2\nexclude = [\"f1\"]\nfiles = { mode = \"o-w\" }"));
    Lines expected;
    std::uint64_t objects = 0;
    for (const unsigned jobs : {1U, 2U, 4U, 16U, 3U}) {
      INFO(jobs << " threads");
      CheckOptions options;
      options.jobs = jobs;
      const Checked checked = check_policy(policy, options);
      if (jobs == 1) {
        expected = checked.lines();
        objects = checked.outcome.objects;
        REQUIRE(expected.size() > directories / 4);
      }
      REQUIRE(checked.lines() == expected);
      REQUIRE(checked.outcome.objects == objects);
    }
    // And with a budget of descriptors that is used up.
    const int status = run_limited({64}, [&] {
      CheckOptions options;
      options.jobs = 3;
      return check_policy(policy, options).lines() == expected ? 0 : 1;
    });
    REQUIRE(status == 0);
  }
}
