// SPDX-License-Identifier: Apache-2.0
// Attacks on apply that are no mere exchange of two names.
#include "base/fd.hpp"
#include "fs/attack_support.hpp"
#include "support/attack_figures.hpp"
#include "support/catch.hpp"
#include "support/patience.hpp"
#include "support/refused_calls.hpp"
#include "support/sampling.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

void chown_to(const std::string& path, std::uint32_t id) {
  require(lchown(path.c_str(), id, id) == 0, "chown");
}

// --- A tree that is being given to him

constexpr int entries = 100;

// Root's tree `given` with a directory full of files, the one that is attacked the last of them.
void build_given(const TempTree& tree, const std::string& top) {
  const std::string given = tree.path(top + "/given");
  const std::string directory = given + "/d";
  if (fs::exists(given)) {
    chown_to(given, 0);  // from now on nobody can put another one in the place of `d`
    chown_to(directory, 0);
    fs::remove_all(directory);
  }
  fs::create_directories(directory);
  for (int i = 0; i < entries; ++i) {
    const std::string path = directory + "/f" + std::to_string(i);
    require(Fd(open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)).get() >= 0,
            "make " + path);
  }
}

// From the top down, as `chown -R` without care: the directory is his before what lies in it is.
void give_from_the_top(const std::string& given) {
  chown_to(given, mallory);
  chown_to(given + "/d", mallory);
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(given + "/d")) paths.push_back(entry.path());
  for (const std::string& path : paths) (void)!chown(path.c_str(), mallory, mallory);
}

Scene given_tree(TempTree& tree, const std::string& top) {
  const auto victim = std::make_shared<Victim>(tree.file(top + "/safe/shadow", "secret", 0600),
                                               Victim::Time::counts);
  const std::string given = tree.path(top + "/given");
  const std::string last = given + "/d/f" + std::to_string(entries - 1);
  Scene out;
  out.policies = {rule("t", given,
                       "recurse = true\nowner = 7001\ngroup = 7001\nfiles = { mode = \"0640\" }\n"
                       "directories = { mode = \"0755\" }")};
  out.begin = [&tree, top] { build_given(tree, top); };
  // As soon as he may.
  out.attack = [last] {
    if (unlink(last.c_str()) == 0) (void)!symlink("../../safe/shadow", last.c_str());
    return true;
  };
  out.naive = [given] { give_from_the_top(given); };
  out.hit = [victim] { return victim->hit(); };
  out.mend = [victim] { victim->mend(); };
  return out;
}

// --- What he has mapped

constexpr std::string_view evil = "EVIL";

// Stores into the program whenever a new one is there that he may open. Lives in his process.
class Mapper {
 public:
  Mapper(std::string path, std::shared_ptr<std::uint64_t> mapped_inode)
      : path_(std::move(path)), mapped_inode_(std::move(mapped_inode)) {}

  bool once() {
    take_new();
    if (memory_ != nullptr) std::memcpy(memory_, evil.data(), evil.size());
    return true;
  }

 private:
  void take_new() {
    struct stat status {};
    if (stat(path_.c_str(), &status) != 0 || status.st_ino == *mapped_inode_) return;
    const Fd file(open(path_.c_str(), O_RDWR | O_CLOEXEC));
    if (!file || fstat(file.get(), &status) != 0) return;
    if (memory_ != nullptr) (void)munmap(memory_, size);
    memory_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory_ == MAP_FAILED) memory_ = nullptr;
    if (memory_ != nullptr) __atomic_store_n(mapped_inode_.get(), status.st_ino, __ATOMIC_SEQ_CST);
  }

  static constexpr std::size_t size = 4096;
  std::string path_;
  std::shared_ptr<std::uint64_t> mapped_inode_;
  void* memory_ = nullptr;
};

// A program of root's with set-id bits, into which mallory still writes.
bool armed_for_him(const std::string& program) {
  if ((status_of(program).st_mode & 06000U) == 0) return false;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  while (Clock::now() < end) {
    std::array<char, evil.size()> read{};
    const Fd file(open(program.c_str(), O_RDONLY | O_CLOEXEC));
    require(pread(file.get(), read.data(), read.size(), 0) == ssize_t{read.size()}, "read");
    if (std::string_view(read.data(), read.size()) == evil) return true;
  }
  return false;
}

// A new program of his in a directory of his, which is root's once he has mapped it.
void let_him_map(const std::string& home, const std::string& program,
                 const std::uint64_t& mapped_inode) {
  chown_to(home, 0);
  (void)!unlink(program.c_str());
  const Fd file(open(program.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755));
  require(file && write(file.get(), std::string(4096, '.').data(), 4096) == 4096, "write");
  require(fchown(file.get(), mallory, mallory) == 0, "chown");
  chown_to(home, mallory);
  const std::uint64_t inode = status_of(program).st_ino;
  while (__atomic_load_n(&mapped_inode, __ATOMIC_SEQ_CST) != inode) usleep(20);
  chown_to(home, 0);
}

Scene mapped_program(TempTree& tree, const std::string& top) {
  const std::string home = tree.directory(top + "/home");
  const std::string program = home + "/program";
  const auto mapped = shared_number();
  const auto mapper = std::make_shared<Mapper>(program, mapped);
  Scene out;
  out.policies = {rule("p", program, "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"")};
  out.begin = [home, program, mapped] { let_him_map(home, program, *mapped); };
  out.attack = [mapper] { return mapper->once(); };
  out.naive = [program] {
    require(chown(program.c_str(), 0, 0) == 0, "chown");
    require(chmod(program.c_str(), 04755) == 0, "chmod");
  };
  out.hit = [program] { return armed_for_him(program); };
  out.mend = [] {};
  return out;
}

// --- Numbers of inodes that are used again

// Root's, in its own directory: files that come and go, and take the numbers of those that mallory
// has removed. Counts those that somebody has changed.
class Service {
 public:
  Service(const std::string& directory, std::shared_ptr<std::uint64_t> changed)
      : busy_(0, 0, [path = directory + "/secret", changed] {
          const Fd file(open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
          struct stat status {};
          if (!file) return false;
          for (int i = 0; i < 20; ++i) {
            if (fstat(file.get(), &status) != 0) return false;
            if (status.st_uid == 0 && (status.st_mode & 07777U) == 0600) continue;
            __atomic_fetch_add(changed.get(), 1, __ATOMIC_SEQ_CST);
            break;
          }
          return unlink(path.c_str()) == 0;
        }) {}

 private:
  Busy busy_;
};

// An inode of ext4's by its number alone: generation 0 is any (open_by_handle_at(2)).
int open_inode(int mount, std::uint64_t number) {
  constexpr int inode_and_generation = 1;  // FILEID_INO32_GEN
  const std::array<std::uint32_t, 2> words = {static_cast<std::uint32_t>(number), 0};
  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof words> bytes{};
  auto* const handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof words;
  handle->handle_type = inode_and_generation;
  std::memcpy(bytes.data() + offsetof(file_handle, f_handle), words.data(), sizeof words);
  return open_by_handle_at(mount, handle, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

// Remembers what it found by the number of its inode.
void act_by_number(int mount, const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || status.st_uid != mallory) return;
  usleep(20);  // for as long as it looks at others
  const Fd held(open_inode(mount, status.st_ino));
  if (!held) return;
  (void)!fchown(held.get(), mallory, mallory);
  (void)!fchmod(held.get(), 0644);
}

Scene inodes_used_again(TempTree& tree, const std::string& top) {
  struct Kept {
    std::shared_ptr<std::uint64_t> changed = shared_number();
    std::uint64_t known = 0;
    std::unique_ptr<Service> service;
    Fd mount;
  };
  his_directory(tree, top + "/home");
  const auto kept = std::make_shared<Kept>();
  kept->service = std::make_unique<Service>(tree.directory(top + "/safe", 0700), kept->changed);
  kept->mount = Fd(open(tree.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string file = tree.path(top + "/home/f");
  Scene out;
  const std::string rest = "presence = \"optional\"\ntype = \"file\"\ntrust = [\"7001\"]\n";
  out.policies = {rule("f", file, rest + "mode = \"0644\""),
                  rule("f", file, rest + "owner = 7001\nmode = \"0604\"")};
  out.attack = [file] {
    const Fd made(open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    return static_cast<bool>(made) && unlink(file.c_str()) == 0;
  };
  out.naive = [kept, file] {
    for (int i = 0; i < 100; ++i) act_by_number(kept->mount.get(), file);
  };
  out.hit = [kept] {
    return __atomic_load_n(kept->changed.get(), __ATOMIC_SEQ_CST) != kept->known;
  };
  out.mend = [kept] { kept->known = __atomic_load_n(kept->changed.get(), __ATOMIC_SEQ_CST); };
  out.kept = kept;
  return out;
}

// --- Ways out of --root

// In an image that is his, /a/b/c/up leads to the image's own /safe. Once `b` lies outside of the
// image, the same dots lead to the host's.
Scene way_out_of_a_root(TempTree& tree, const std::string& top) {
  Victim victim(tree.file(top + "/safe/shadow", "secret", 0600), Victim::Time::counts);
  for (const char* one : {"/home", "/home/img", "/home/img/a", "/home/img/a/b", "/home/img/a/b/c",
                          "/home/img/safe", "/home/outside"}) {
    his_directory(tree, top + one);
  }
  tree.file(top + "/home/img/safe/shadow", "", 0600);
  tree.chown(top + "/home/img/safe/shadow", mallory, mallory);
  tree.symlink(top + "/home/img/a/b/c/up", "../../../safe");
  tree.chown(top + "/home/img/a/b/c/up", mallory, mallory);
  tree.symlink(top + "/home/img/l", "../../safe");
  tree.chown(top + "/home/img/l", mallory, mallory);
  const std::string img = tree.path(top + "/home/img");
  Scene out = exchange_scene(std::move(victim), img + "/a/b", tree.path(top + "/home/outside"),
                             img + "/a/b/c/up/shadow");
  out.root = img;
  out.offline = true;  // so that his links are followed
  const std::string rest = "trust = [\"7001\", \"7002\"]\ngroup = 7001\n";
  out.policies = {
      rule("up", "/a/b/c/up/shadow", rest + "mode = \"0640\"") +
          rule("f", "/safe/shadow", rest + "owner = 7001\nmode = \"0640\""),
      rule("t", "/a", "recurse = true\ntrust = [\"7001\"]\nfiles = { mode = \"0604\" }") +
          rule("f", "/safe/shadow", rest + "owner = 7001\nmode = \"0604\"") +
          rule("l", "/l/shadow", rest + "owner = 7001\nmode = \"0604\"")};
  // In two steps, as everything that walks takes them.
  out.naive = [directory = img + "/a/b/c"] {
    for (int i = 0; i < 100; ++i) {
      const Fd held(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (held) (void)!fchownat(held.get(), "up/shadow", mallory, mallory, 0);
    }
  };
  return out;
}

// --- A /proc that is none

constexpr std::array newer_calls = {430U, 452U, 463U,
                                    464U, 465U, 466U};  // fsopen, fchmodat2, *xattrat

// Whatever descriptor is asked for, it is the victim.
void build_fake_proc(TempTree& tree) {
  for (int i = 0; i < 256; ++i) {
    tree.symlink("fake/self/fd/" + std::to_string(i), tree.path("safe/shadow"));
  }
}

struct ProcTally {
  std::uint64_t runs = 0;
  std::uint64_t refused = 0;
  std::uint64_t actions = 0;
  std::uint64_t naive = 0;
};

// In a process without the calls that do without /proc.
bool apply_with_either_proc(const Victim& victim, const std::string& file, std::size_t time,
                            ProcTally& tally) {
  refuse_calls({newer_calls.begin(), newer_calls.end()}, ENOSYS);
  WatchedChanger changer;
  changer.before = [&](int, Type, const Action&) { ++tally.actions; };
  const auto end = Clock::now() + std::chrono::milliseconds(time);
  while (Clock::now() < end || tally.actions == 0) {
    ApplyWith with;
    with.changer = &changer;
    const std::string mode = tally.runs % 2 == 0 ? "0640" : "0604";
    try {
      (void)apply_text(rule("f", file, "mode = \"" + mode + "\"\nacl = [\"user:7003:r\"]"), with);
    } catch (const std::runtime_error&) {
      ++tally.refused;  // it could not learn what it has to
    }
    ++tally.runs;
    if (victim.hit()) return false;
  }
  return true;
}

// Through /proc, as chmod(1) of what is held would.
bool naive_hits(Victim& victim, const std::string& file, ProcTally& tally) {
  const Fd held = hold(file);
  const std::string path = "/proc/self/fd/" + std::to_string(held.get());
  const auto end = Clock::now() + patience(std::chrono::seconds(30));
  while (tally.naive < 100 && Clock::now() < end) {
    (void)!chmod(path.c_str(), 0644);
    if (!victim.hit()) continue;
    ++tally.naive;
    victim.mend();
  }
  return tally.naive > 0;
}

}  // namespace

TEST_CASE("while a tree is given to him what he puts into it is not given with it - T06") {
  withstand({"T06", "apply: a tree that is being given to him", given_tree});
}

TEST_CASE("what he maps anew again and again never becomes a program of root's - T11") {
  withstand({"T11",
             "apply: a program that he has mapped",
             mapped_program,
             {FileSystem::ext4, FileSystem::tmpfs}});
}

TEST_CASE("an inode that has the number of another one is not taken for it - T12") {
  withstand({"T12",
             "apply: numbers of inodes used again by files of root's",
             inodes_used_again,
             {FileSystem::ext4}});
}

TEST_CASE("a directory that is moved out of a root leads nowhere out of it - T21") {
  withstand(
      {"T21", "apply: a directory moved out of --root under links with dots", way_out_of_a_root});
}

TEST_CASE("a /proc that is none leads to nothing that is not held - T20") {
  TempTree tree;
  Victim victim(tree.file("safe/shadow", "secret", 0600), Victim::Time::counts);
  const std::string file = tree.file("f", "", 0600);
  build_fake_proc(tree);
  const std::string fake = tree.path("fake");
  const std::size_t time = sample(1500, 90000, "ms of: a fake /proc");
  const auto tally = std::shared_ptr<ProcTally>(
      static_cast<ProcTally*>(mmap(nullptr, sizeof(ProcTally), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
      [](ProcTally* one) { (void)munmap(one, sizeof *one); });
  std::uint64_t mounts = 0;
  {
    const Busy flips(0, 0, [&fake] {
      return mount(fake.c_str(), "/proc", nullptr, MS_BIND, nullptr) == 0 &&
             umount2("/proc", MNT_DETACH) == 0;
    });
    REQUIRE(run_as(0, 0, [&] {
              return apply_with_either_proc(victim, file, time, *tally) ? 0 : 1;
            }) == 0);
    REQUIRE(naive_hits(victim, file, *tally));
    mounts = flips.times();
  }
  // Of the flip that was cut short.
  if (!fs::exists("/proc/version")) require(umount2("/proc", MNT_DETACH) == 0, "umount");
  tell({"T20", "apply: a /proc that is mounted over again and again", "tmpfs", tally->runs,
        tally->actions, mounts, tally->naive});
}
