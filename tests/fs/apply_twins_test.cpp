// SPDX-License-Identifier: Apache-2.0
// Twins: of two objects that were made alike one is corrected by apply, and the other brought to
// what the policy says by chown(1), chmod(1), setfacl(1), setcap(8) and chattr(1); stat(2),
// getfacl(1), getcap(8) and lsattr(1) then show both alike. Nothing here decides as the product
// does. An undo makes of the one what it was.
#include "fs/apply_support.hpp"
#include "fs/apply_twins_support.hpp"
#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/applied.hpp"
#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/recording_changer.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace permward;
using namespace permward::test;
using namespace permward::test::apply_twins;

namespace {

using apply_twins::Demand;  // not the product's

// An ACL that is right already is not written, and its `group::` is not cut by the mask.
std::string with_group_in_effect(const std::string& shown) {
  const auto rights_of = [](const std::string& line) { return line.substr(line.rfind(':') + 1); };
  std::string mask;
  std::istringstream text(shown);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("mask::")) mask = rights_of(line);
  }
  std::string out;
  text = std::istringstream(shown);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("group::") && !mask.empty()) {
      std::string cut = rights_of(line);
      for (std::size_t i = 0; i < 3; ++i) {
        if (mask.at(i) == '-') cut.at(i) = '-';
      }
      line = "group::" + cut;
    }
    out += line + '\n';
  }
  return out;
}

struct Pair {
  Start start;
  Demand demand;
  std::string rule;
  std::string corrected;  // paths
  std::string told;
};

struct Counts {
  std::size_t alike = 0;
  std::size_t changed = 0;  // of those
  std::size_t refused = 0;
  std::size_t otherwise = 0;  // what cannot be had
};

Pair random_pair(Dice& dice, const std::string& top, std::size_t number) {
  Pair out;
  const std::string at = std::to_string(number);
  out.corrected = top + "/x/" + at;
  out.told = top + "/z/" + at;
  for (;;) {  // a few contradict themselves
    out.start = random_start(dice);
    out.demand = random_demand(dice, out.start);
    out.rule = "[[rule]]\nid = \"r" + at + "\"\npath = " + test::quoted(out.corrected) +
               "\ntype = \"" + std::string(name(out.start.type)) + "\"\n" + out.demand.text();
    try {
      (void)policy_of(out.rule);
      break;
    } catch (const std::runtime_error&) {
      continue;
    }
  }
  begin(out.start, out.corrected);
  begin(out.start, out.told);
  return out;
}

class Nursery {
 public:
  Nursery(Dice& dice, const std::string& top, std::size_t count, const std::string& state)
      : written_(state) {
    for (const char* part : {"", "/x", "/z"}) {
      require(mkdir((top + part).c_str(), 0755) == 0, "mkdir " + top);
    }
    for (std::size_t i = 0; i < count; ++i) pairs_.push_back(random_pair(dice, top, i));
    for (const Pair& one : pairs_) objects_[one.corrected] = objects_[one.told] = one.start.type;
    start_ = shown(objects_);
  }

  void compare(Counts& counts) {
    apply_all();
    for (const Pair& one : pairs_) {
      if (settled(one)) bring(one.start, one.demand, one.told);
    }
    const std::map<std::string, std::string> now = shown(objects_);
    std::string again;
    for (const Pair& one : pairs_) {
      if (!settled(one) || would_arm(one)) {
        ++(refused(one) ? counts.refused : counts.otherwise);
        continue;
      }
      INFO(one.rule << "start:\n" << start_.at(one.corrected) << "actions:\n" << done(one));
      std::string is = now.at(one.corrected);
      std::string twin = now.at(one.told);
      if (one.demand.acl && !says(one, Aspect::acl, Status::corrected)) {
        is = with_group_in_effect(is);
        twin = with_group_in_effect(twin);
      }
      REQUIRE(is == twin);
      ++counts.alike;
      counts.changed += now.at(one.corrected) != start_.at(one.corrected) ? 1U : 0U;
      again += one.rule;
    }
    require_settled(again);
    require_undone();
  }

 private:
  void apply_all() {
    std::string policy;
    for (const Pair& one : pairs_) policy += one.rule;
    WatchedChanger changer;
    changer.before = [this](int held, Type /*type*/, const Action& action) {
      struct stat status {};
      require(fstat(held, &status) == 0, "fstat");
      actions_[status.st_ino] += text_of(action) + '\n';
    };
    written_.with.changer = &changer;
    const Applied applied = apply_text(policy, written_.with);
    for (const Finding& one : applied.outcome.found.findings) {
      findings_[one.path.text()].push_back(one);
    }
  }

  // Offline: what the run disarmed is armed again.
  void require_undone() {
    UndoOptions options;
    options.offline = true;
    const Applied undone = undo_changes(written_.changes(), options);
    std::map<std::string, std::string> reasons;
    for (const Finding& one : undone.outcome.found.findings) {
      if (one.status != Status::corrected) reasons[one.path.text()] += one.reason + '\n';
    }
    const std::map<std::string, std::string> now = shown(objects_);
    for (const Pair& one : pairs_) {
      INFO(one.rule << "actions:\n" << done(one) << reasons[one.corrected]);
      REQUIRE(now.at(one.corrected) == start_.at(one.corrected));
    }
  }

  void require_settled(const std::string& policy) const {
    RecordingChanger recording;
    ApplyWith with;
    with.changer = &recording;
    const Applied again = apply_text(policy, with);
    for (const Finding& found : again.outcome.found.findings) {
      for (const Pair& one : pairs_) {
        if (one.corrected != found.path.text()) continue;
        FAIL(name(found.aspect) << " is " << name(found.status) << " after:\n"
                                << one.rule << "start:\n"
                                << start_.at(one.corrected) << "actions:\n"
                                << done(one) << "end:\n"
                                << shown(one.corrected, one.start.type));
      }
    }
    REQUIRE(again.in_policy());
    REQUIRE(recording.asked.empty());
  }

  [[nodiscard]] const std::vector<Finding>& of(const Pair& one) const {
    static const std::vector<Finding> none;
    const auto it = findings_.find(one.corrected);
    return it == findings_.end() ? none : it->second;
  }
  [[nodiscard]] bool settled(const Pair& one) const {
    return std::all_of(of(one).begin(), of(one).end(),
                       [](const Finding& finding) { return finding.status == Status::corrected; });
  }
  // A set-group-ID bit that does nothing, for want of the group's x, is dropped rather than armed
  // by one; the tools leave it.
  [[nodiscard]] static bool would_arm(const Pair& one) {
    const Start& start = one.start;
    const unsigned group = start.acl.empty() ? start.mode : permission_bits(start.acl);
    return start.type == Type::file && (start.mode & 02000) != 0 && (group & 010) == 0;
  }
  [[nodiscard]] bool refused(const Pair& one) const {
    return std::any_of(of(one).begin(), of(one).end(),
                       [](const Finding& finding) { return finding.status == Status::refused; });
  }
  [[nodiscard]] bool says(const Pair& one, Aspect aspect, Status status) const {
    return std::any_of(of(one).begin(), of(one).end(), [&](const Finding& finding) {
      return finding.aspect == aspect && finding.status == status;
    });
  }
  [[nodiscard]] std::string done(const Pair& one) const {
    const auto it = actions_.find(status_of(one.corrected).st_ino);
    return it == actions_.end() ? "none" : it->second;
  }

  Written written_;
  std::vector<Pair> pairs_;
  std::map<std::string, Type> objects_;
  std::map<std::string, std::string> start_;
  std::map<std::string, std::vector<Finding>> findings_;
  std::map<ino_t, std::string> actions_;
};

}  // namespace

TEST_CASE(
    "apply makes of an object what chown, chmod, setfacl, setcap and chattr make of its twin") {
  const std::size_t pairs = sample(200, 2000, "pairs of objects on each of five file systems");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed
                           << (run_all() ? " PERMWARD_TEST_ALL=1" : ""));
    ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    const bool main = file_system == FileSystem::ext4 || file_system == FileSystem::tmpfs;
    const std::size_t here = main ? pairs : pairs / 4;
    Counts counts;
    Nursery(dice, mount.path("t"), here, mount.path("state")).compare(counts);
    std::cout << "twins of apply on " << name(file_system) << ": " << counts.alike << " alike, "
              << counts.changed << " of them changed, " << counts.refused << " refused, "
              << counts.otherwise << " that cannot be had" << std::endl;
    REQUIRE(counts.changed > here / 3);
    REQUIRE(counts.otherwise < here / 10);
  }
}
