// SPDX-License-Identifier: Apache-2.0
// Twins: of two objects that were made alike one is changed through its descriptor, and chmod(1),
// chown(1), setfacl(1), setcap(8) or chattr(1) is asked to do the same to the other; stat(2),
// getfacl(1), getcap(8) and lsattr(1) then show both alike.
#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "os/changer.hpp"
#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <variant>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Command = std::vector<std::string>;

// Whether it could, or failed for want of what it was to take away.
bool runs(const Command& command, const char* or_says = nullptr) {
  try {
    (void)run_program(command);
    return true;
  } catch (const std::exception& failure) {
    return or_says != nullptr && std::string(failure.what()).find(or_says) != std::string::npos;
  }
}

// --- What is drawn -----------------------------------------------------------------------------

struct Capabilities {
  std::string text;  // as setcap(8) takes it
  FileCapabilities value;
};
const std::vector<Capabilities> some_capabilities = {
    {"cap_net_raw=ep", {1U << 13, 0, true, 0}},
    {"cap_chown=ip cap_kill=i", {1, 1U << 5 | 1, false, 0}},
    {"cap_sys_admin=p", {1U << 21, 0, false, 0}},
    {"cap_chown,cap_checkpoint_restore=eip",
     {std::uint64_t{1} << 40 | 1, std::uint64_t{1} << 40 | 1, true, 0}},
    {"=", {0, 0, false, 0}},
    {"cap_net_raw=ep", {1U << 13, 0, true, 100000}}};

unsigned random_mode(Dice& dice) {
  static const std::vector<unsigned> usual = {0644,  0640,  0600,  0755,  0000,  0777,
                                              04755, 02755, 06711, 01777, 02644, 04750};
  return dice.one_in(3) ? dice.below(010000) : dice.from(usual);
}

std::uint32_t random_id(Dice& dice) { return dice.from<std::uint32_t>({0, 7001, 4294967294U}); }

std::vector<AclEntry> random_acl(Dice& dice) {
  const auto rights = [&dice] { return static_cast<std::uint8_t>(dice.below(8)); };
  std::vector<AclEntry> out = base_entries(dice.below(01000));
  if (dice.one_in(4)) return out;
  for (const AclTag tag : {AclTag::user, AclTag::group}) {
    for (const std::uint32_t id : {0U, 33U, 7001U, 7002U, 4294967294U}) {
      if (dice.one_in(4)) out.push_back({tag, rights(), id});
    }
  }
  out.push_back({AclTag::mask, rights(), 0});
  if (dice.one_in(2)) std::reverse(out.begin(), out.end());
  return out;
}

// chattr(1) leaves the D of a file out by itself.
SetAttributes random_attributes(Dice& dice, Type type) {
  SetAttributes out;
  for (std::size_t i = 0; i < attribute_count; ++i) {
    const auto one = static_cast<Attribute>(i);
    if (one == Attribute::dirsync && type == Type::file) continue;
    // What bars all other changes is mostly taken away.
    const bool bars = attributes_in_status.has(one);
    if (!dice.one_in(bars ? 2 : 4)) continue;
    AttributeSet& into = dice.one_in(bars ? 5 : 2) ? out.set : out.clear;
    into = into | one;
  }
  return out;
}

Action random_action(Dice& dice, Type type) {
  if (type == Type::symlink || dice.one_in(5)) {
    SetOwner out;
    while (!out.owner && !out.group) {
      if (dice.one_in(2)) out.owner = random_id(dice);
      if (dice.one_in(2)) out.group = random_id(dice);
    }
    return out;
  }
  if ((type == Type::file || type == Type::directory) && dice.one_in(4)) {
    return random_attributes(dice, type);
  }
  if (type == Type::file && dice.one_in(3)) {
    if (dice.one_in(4)) return SetCapabilities{};
    return SetCapabilities{dice.from(some_capabilities).value};
  }
  if (type == Type::directory && dice.one_in(3)) {
    return SetDefaultAcl{dice.one_in(4) ? std::vector<AclEntry>{} : random_acl(dice)};
  }
  if (dice.one_in(2)) return SetAcl{random_acl(dice)};
  return SetMode{static_cast<std::uint16_t>(random_mode(dice))};
}

// --- How the tools do it -----------------------------------------------------------------------

// Each says whether the tools did it.
struct Tool {
  std::string path;

  bool operator()(const SetMode& action) const {
    // Five digits: with fewer a directory keeps its set-id bits.
    return runs({"chmod", octal(0100000 | action.mode).substr(1), path});
  }
  bool operator()(const SetOwner& action) const {
    std::string who;
    if (action.owner) who += '+' + std::to_string(*action.owner);
    if (action.group) who += ":+" + std::to_string(*action.group);
    return runs({"chown", "-h", who, path});
  }
  bool operator()(const SetAcl& action) const {
    return runs({"setfacl", "-n", "--set", acl_text(action.entries), path});
  }
  bool operator()(const SetDefaultAcl& action) const {
    if (action.entries.empty()) {
      // `setfacl -k` makes no call where there is none, and so is not refused where that is barred.
      return runs({"setfattr", "-x", "system.posix_acl_default", path}, "No such attribute");
    }
    return runs({"setfacl", "-k", path}) &&
           runs({"setfacl", "-n", "-d", "-m", acl_text(action.entries), path});
  }
  bool operator()(const SetCapabilities& action) const {
    if (!action.value) return runs({"setcap", "-r", path}, "to remove");
    for (const Capabilities& one : some_capabilities) {
      if (one.value != *action.value) continue;
      Command command = {"setcap", "-q"};
      if (one.value.root_id != 0) {
        command.insert(command.end(), {"-n", std::to_string(one.value.root_id)});
      }
      command.insert(command.end(), {one.text, path});
      return runs(command);
    }
    return false;
  }
  bool operator()(const SetAttributes& action) const {
    if ((action.set | action.clear).empty()) return true;
    Command command = {"chattr"};
    if (!action.set.empty()) command.push_back('+' + letters_of(action.set));
    if (!action.clear.empty()) command.push_back('-' + letters_of(action.clear));
    command.push_back(path);
    return runs(command);
  }
  // What is done to a name has tests of its own.
  bool operator()(const Create& /*action*/) const { return false; }
  bool operator()(const SetTarget& /*action*/) const { return false; }
  bool operator()(const Remove& /*action*/) const { return false; }
  bool operator()(const Install& /*action*/) const { return false; }
  // Nor is there a word of any tool for these.
  bool operator()(const SetExtended& /*action*/) const { return false; }
  bool operator()(const SetModified& /*action*/) const { return false; }
};

struct Twins {
  Type type = Type::file;
  std::string changed;  // through its descriptor
  std::string told;     // by the tools
  std::string last;     // what was done last
  Fd held;
};

// Actions that were carried out, or refused, by kind.
using Counts = std::map<std::pair<std::size_t, bool>, std::size_t>;

class Nursery {
 public:
  Nursery(Dice& dice, const ImageMount& mount, std::size_t pairs, const std::string& name)
      : dice_(dice) {
    const std::string top = mount.path(name);
    require(mkdir(top.c_str(), 0755) == 0, "mkdir " + top);
    for (std::size_t i = 0; i < pairs; ++i) {
      Twins& one = twins_.emplace_back();
      one.type = dice.one_in(2) ? dice.from<Type>({Type::file, Type::directory})
                                : dice.from(present_types);
      one.changed = top + "/x" + std::to_string(i);
      one.told = top + "/z" + std::to_string(i);
      make(one.type, one.changed);
      make(one.type, one.told);
      one.held = hold(one.changed);
      // One that is open otherwise is held as well.
      if ((one.type == Type::file || one.type == Type::directory) && dice.one_in(3)) {
        one.held.reset(open(one.changed.c_str(), O_RDONLY | O_CLOEXEC));
      }
    }
  }

  // Another action on each pair, and a look at all. The start of each is what the one before made.
  void round(Changer& changer, Counts& counts) {
    for (Twins& one : twins_) {
      const Action action = random_action(dice_, one.type);
      one.last = text_of(action);
      INFO(one.changed << ", a " << name(one.type) << ": " << one.last);
      const Result<void> done = changer.change(one.held.get(), one.type, action);
      const bool told = std::visit(Tool{one.told}, action);
      INFO("errno " << (done.ok() ? 0 : done.error().number));
      REQUIRE(done.ok() == told);
      ++counts[{action.index(), told}];
    }
    compare();
  }

 private:
  void compare() const {
    std::map<std::string, Type> objects;
    for (const Twins& one : twins_) {
      objects[one.changed] = one.type;
      objects[one.told] = one.type;
    }
    const std::map<std::string, std::string> now = shown(objects);
    for (const Twins& one : twins_) {
      INFO(one.changed << ", a " << name(one.type) << ", after " << one.last);
      REQUIRE(now.at(one.changed) == now.at(one.told));
    }
  }

  Dice& dice_;
  std::vector<Twins> twins_;
};

}  // namespace

TEST_CASE("an action makes of a held object what chmod, chown, setfacl, setcap and chattr make") {
  const std::size_t pairs =
      sample(60, 600, "pairs of objects, each changed six times, on five file systems");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  Counts counts;
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed);
    ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    for (const Era era : eras) {
      INFO((era == Era::now ? "this kernel" : "an older kernel"));
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      Nursery nursery(dice, mount, pairs / 2, era == Era::now ? "now" : "before");
      for (int round = 0; round < 6; ++round) nursery.round(changer, counts);
    }
  }
  for (const Action& kind : all_actions()) {
    const std::size_t done = counts[{kind.index(), true}];
    std::cout << "twins: " << text_of(kind).substr(0, text_of(kind).find(' ')) << ": " << done
              << " alike, " << counts[{kind.index(), false}] << " refused alike" << std::endl;
    REQUIRE(done > pairs / 2);
  }
}
