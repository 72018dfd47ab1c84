// SPDX-License-Identifier: Apache-2.0
// Attacks that somebody repeats while permward applies, and beside it a naive tool, which must
// lose: else it would not have been an attack.
#pragma once

#include "fs/apply_support.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace permward::test {

// What an attack is not to reach. Counts as hit when it is not any more as it was.
class Victim {
 public:
  enum class Time : std::uint8_t {
    counts,
    moves,  // the attack itself moves the time of change, by names that it adds and takes away
  };

  Victim() = default;
  // An object of root's, 0600.
  Victim(std::string path, Time time);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool hit() const;
  void mend();  // root's, 0600

 private:
  [[nodiscard]] std::string look() const;

  std::string path_;
  Time time_ = Time::counts;
  std::string before_;
};

// One place for one attack. What is empty is not needed for it.
struct Scene {
  std::string root;  // that is `/` to permward; empty: the host's
  bool offline = false;
  std::vector<std::string> policies;  // applied by turns, so that each finds something to do
  // Runs in the place of applying them; returns what it has done beside what the changer was asked.
  std::function<std::uint64_t(Changer& changer)> run;
  std::function<bool()> attack;  // mallory's, over and over; false: it is broken
  std::function<void()> begin;   // root's, before each run
  std::function<void()> naive;   // one run of a tool that is not careful
  std::function<bool()> hit;
  std::function<void()> mend;  // after a hit
  std::shared_ptr<void> kept;  // for as long as the scene
};

struct Attack {
  std::string cases;  // "T03", as in tests/attacks.txt
  std::string what;   // for people: "apply: a file and a link exchanged"
  std::function<Scene(TempTree& tree, const std::string& top)> scene;
  std::vector<FileSystem> on = {FileSystem::ext4, FileSystem::tmpfs};
  // The kernel of this machine keeps any tool from it: then the naive one need not be hit.
  bool prevented = false;
};

// Runs under the attack for its share of 3 s, or 90 s, on each file system, and lets the naive
// tool run in a place of its own. permward must never hit, must change something all the same, and
// the naive tool must hit.
void withstand(const Attack& attack);

// Two names are exchanged all the time; a tool that looks, and then acts by name, loses. Takes the
// victim's part of the scene too.
Scene exchange_scene(Victim victim, const std::string& a, const std::string& b,
                     const std::string& named);

// A number that parent and child see.
std::shared_ptr<std::uint64_t> shared_number();

// lstat, and chown and chmod by name, of what is one of mallory's files.
void look_and_then_act(const std::string& path);

}  // namespace permward::test
