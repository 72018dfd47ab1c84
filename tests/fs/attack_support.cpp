// SPDX-License-Identifier: Apache-2.0
#include "fs/attack_support.hpp"

#include "support/attack_figures.hpp"
#include "support/catch.hpp"
#include "support/patience.hpp"
#include "support/sampling.hpp"

#include <chrono>
#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace permward::test {
namespace {

using Clock = std::chrono::steady_clock;

// How often permward did what while it was attacked.
struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t actions = 0;
  std::uint64_t attacks = 0;
};

Tally run_under_attack(const Scene& scene, std::chrono::milliseconds time) {
  Tally out;
  WatchedChanger changer;
  changer.before = [&](int, Type, const Action&) { ++out.actions; };
  ApplyWith with;
  with.changer = &changer;
  with.root = scene.root;
  with.options.offline = scene.offline;
  const Busy mallorys(mallory, mallory, scene.attack);
  const auto began = Clock::now();
  const auto goes_on = [&] {
    const auto taken = Clock::now() - began;
    return taken < time || (out.actions == 0 && taken < patience(std::chrono::seconds(30)));
  };
  while (goes_on()) {
    if (scene.begin) scene.begin();
    if (scene.run) {
      out.actions += scene.run(changer);
    } else {
      (void)apply_text(scene.policies[out.runs % scene.policies.size()], with);
    }
    ++out.runs;
    REQUIRE_FALSE(scene.hit());
  }
  out.attacks = mallorys.times();
  return out;
}

// Half a second, and on a busy machine longer, until it has lost.
std::uint64_t losses_of_a_naive_tool(const Scene& scene, bool must_lose) {
  const Busy mallorys(mallory, mallory, scene.attack);
  const auto began = Clock::now();
  std::uint64_t out = 0;
  const auto goes_on = [&] {
    const auto taken = Clock::now() - began;
    return taken < std::chrono::milliseconds(500) ||
           (must_lose && out == 0 && taken < patience(std::chrono::seconds(30)));
  };
  while (goes_on()) {
    if (scene.begin) scene.begin();
    scene.naive();
    if (!scene.hit()) continue;
    ++out;
    scene.mend();
  }
  return out;
}

}  // namespace

Victim::Victim(std::string path, Time time) : path_(std::move(path)), time_(time) {
  before_ = look();
}

std::string Victim::look() const {
  if (time_ == Time::counts) return trace_of(path_);
  return std::to_string(status_of(path_).st_ino) + ' ' + ids_and_mode(path_);
}

bool Victim::hit() const { return look() != before_; }

void Victim::mend() {
  require(chown(path_.c_str(), 0, 0) == 0, "chown");
  require(chmod(path_.c_str(), 0600) == 0, "chmod");
  before_ = look();
}

std::shared_ptr<std::uint64_t> shared_number() {
  void* const memory = mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  require(memory != MAP_FAILED, "mmap");
  return {static_cast<std::uint64_t*>(memory),
          [](std::uint64_t* number) { (void)munmap(number, sizeof *number); }};
}

void look_and_then_act(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) return;
  if (status.st_uid != mallory) return;  // as a careful one might ask
  (void)!chown(path.c_str(), mallory, mallory);
  (void)!chmod(path.c_str(), 0644);
}

Scene exchange_scene(Victim victim, const std::string& a, const std::string& b,
                     const std::string& named) {
  const auto kept = std::make_shared<Victim>(std::move(victim));
  Scene out;
  out.attack = [a, b] {
    return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
  };
  // A short time between looking and acting: many attempts a look at the victim.
  out.naive = [named] {
    for (int i = 0; i < 100; ++i) look_and_then_act(named);
  };
  out.hit = [kept] { return kept->hit(); };
  out.mend = [kept] { kept->mend(); };
  return out;
}

void withstand(const Attack& attack) {
  const std::size_t all = sample(3000, 90000, "ms of: " + attack.what);
  const std::chrono::milliseconds share(all / attack.on.size());
  for (const FileSystem file_system : attack.on) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const Tally tally = run_under_attack(attack.scene(mount.tree(), "applied"), share);
    REQUIRE(tally.actions > 0);
    const std::uint64_t naive =
        losses_of_a_naive_tool(attack.scene(mount.tree(), "naive"), !attack.prevented);
    REQUIRE((naive > 0 || attack.prevented));
    tell({attack.cases, attack.what, std::string(name(file_system)), tally.runs, tally.actions,
          tally.attacks, naive});
  }
}

}  // namespace permward::test
