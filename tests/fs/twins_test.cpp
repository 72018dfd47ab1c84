// SPDX-License-Identifier: Apache-2.0
// Twins: what check says of an object, beside what chmod(1) and setfacl(1) would change on one just
// like it, and what getfacl(1) shows of it. Nothing here reads a mode or an ACL as the product
// does.
//
// An object `x` is checked. Its twin `z` has the same mode and ACL. Where a rule decides the ACL
// too, `mode` speaks of the base entries: a twin `y` has them as its mode, and no ACL.
#include "fs/twins_support.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/sampling.hpp"

#include <array>
#include <cstddef>
#include <iostream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;
using namespace permward::test::twins;

namespace {

// Not those of the product.
using twins::Demand;
using twins::Want;

constexpr std::size_t objects_of_a_demand = 30;

// Verdicts that were compared, by status.
std::array<std::size_t, status_names.size()> counts{};

// One demand, and the objects that are checked against it.
class Case {
 public:
  Case(Dice& dice, std::string top) : demand_(random_demand(dice)), top_(std::move(top)) {
    for (const char* part : {"", "/x", "/y", "/z"}) {
      require(mkdir((top_ + part).c_str(), 0755) == 0, "mkdir");
    }
    for (std::size_t i = 0; i < objects_of_a_demand; ++i) {
      states_.push_back(i % 2 == 0 ? random_state(dice) : near_state(dice, demand_));
      make(path("x", i), states_.back(), true);
      make(path("z", i), states_.back(), true);
    }
  }

  [[nodiscard]] std::string rule(const std::string& id) const {
    return demand_.rule(id, top_ + "/x/*");
  }

  // Compares the verdicts, `PATH ASPECT` to status, with what the tools do.
  void compare(const std::map<std::string, Status>& verdicts) {
    shown_ = getfacl(paths("x"));
    if (!demand_.mode.empty()) compare_modes(verdicts);
    if (demand_.acl == Demand::Acl::exact) compare_exact(verdicts);
    if (demand_.acl == Demand::Acl::bounds) compare_bounds(verdicts);
  }

 private:
  [[nodiscard]] std::string path(const char* part, std::size_t i) const {
    return top_ + '/' + part + '/' + std::to_string(i);
  }
  [[nodiscard]] std::vector<std::string> paths(const char* part) const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < states_.size(); ++i) out.push_back(path(part, i));
    return out;
  }
  [[nodiscard]] const Shown& shown(std::size_t i) const { return shown_.at(path("x", i)); }

  void require_verdict(const std::map<std::string, Status>& verdicts, std::size_t i,
                       const std::string& aspect, Status expected) const {
    const auto it = verdicts.find(path("x", i) + ' ' + aspect);
    const Status status = it == verdicts.end() ? Status::pass : it->second;
    ++counts[static_cast<std::size_t>(expected)];
    if (status == expected) return;
    FAIL(aspect << " is " << name(status) << ", the tools say " << name(expected) << '\n'
                << rule("twin") << run_program({"getfacl", "-n", "-p", "-e", path("x", i)})
                << "chmod " << demand_.chmod << '\n'
                << run_program({"getfacl", "-n", "-p", "-e", path("z", i)}));
  }

  void compare_modes(const std::map<std::string, Status>& verdicts) {
    const bool base = demand_.acl != Demand::Acl::silent;
    const char* const twins = base ? "y" : "z";
    std::vector<unsigned> before;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (base) {
        State plain{states_[i].directory, shown(i).base(demand_.exact_mode), {}, {}};
        make(path("y", i), plain, false);
      }
      before.push_back(mode_of(path(twins, i)));
    }
    run_on({"chmod", demand_.chmod}, paths(twins));
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const bool same = mode_of(path(twins, i)) == before[i];
      require_verdict(verdicts, i, "mode", same ? Status::pass : Status::violation);
    }
  }

  // What the ACL becomes: base entries as they are in effect, and then as the mode leaves them, the
  // named entries, and the mask that setfacl computes or is told.
  void compare_exact(const std::map<std::string, Status>& verdicts) {
    run_on({"setfacl", "-b"}, paths("z"));
    if (!demand_.mode.empty()) run_on({"chmod", demand_.chmod}, paths("z"));
    if (!demand_.at_most.empty() || demand_.mask_at_most) add_wanted();
    const std::map<std::string, Shown> after = getfacl(paths("z"));
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const Shown& twin = after.at(path("z", i));
      const bool same = twin.named == shown(i).named && twin.mask == shown(i).mask;
      const Status expected = twin.mask == 0U ? Status::error
                              : same          ? Status::pass
                                              : Status::violation;
      require_verdict(verdicts, i, "acl", expected);
    }
  }

  void add_wanted() {
    // `X` asks the object as it was found. setfacl asks what it has made of it so far, the entries
    // before included: where that may be another answer it is told the rights.
    bool gives_x = demand_.mask_at_most && (demand_.mask_at_most->rights & 1) != 0;
    for (const auto& [who, want] : demand_.at_most) gives_x = gives_x || (want.rights & 1) != 0;
    std::map<std::string, std::vector<std::string>> by_text;
    const std::map<std::string, Shown> now = getfacl(paths("z"));
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const bool x = shown(i).somebody_executes(states_[i].directory);
      const bool agree =
          now.at(path("z", i)).somebody_executes(states_[i].directory) == x && (x || !gives_x);
      std::string text;
      const auto add = [&](const std::string& who, const Want& want) {
        if (!text.empty()) text += ',';
        text += who + ':';
        text += agree ? want.text() : letters(want.rights | (want.x_if_any && x ? 1U : 0U));
      };
      for (const auto& [who, want] : demand_.at_most) add(who.text(), want);
      if (demand_.mask_at_most) add("m:", *demand_.mask_at_most);
      by_text[text].push_back(path("z", i));
    }
    for (const auto& [text, objects] : by_text) run_on({"setfacl", "-m", text}, objects);
  }

  void compare_bounds(const std::map<std::string, Status>& verdicts) const {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const Shown& acl = shown(i);
      const unsigned x = acl.somebody_executes(states_[i].directory) ? 1 : 0;
      const auto rights = [&](const Want& want) { return want.rights | (want.x_if_any ? x : 0U); };
      bool holds = true;
      if (demand_.above) {
        for (const auto& [who, has] : acl.named) {
          const auto bound = demand_.at_most.find(who);
          const unsigned allowed = bound == demand_.at_most.end() ? 0 : rights(bound->second);
          holds = holds && (has & ~allowed) == 0;
        }
        if (demand_.mask_at_most && acl.mask) {
          holds = holds && (*acl.mask & ~rights(*demand_.mask_at_most)) == 0;
        }
      }
      if (demand_.below) {
        for (const auto& [who, want] : demand_.at_least) {
          const auto has = acl.in_effect.find(who);
          const unsigned effect = has == acl.in_effect.end() ? 0 : has->second;
          holds = holds && (rights(want) & ~effect) == 0;
        }
        if (demand_.mask_at_least && acl.mask) {
          holds = holds && (rights(*demand_.mask_at_least) & ~*acl.mask) == 0;
        }
      }
      require_verdict(verdicts, i, "acl", holds ? Status::pass : Status::violation);
    }
  }

  Demand demand_;
  std::string top_;
  std::vector<State> states_;
  std::map<std::string, Shown> shown_;
};

}  // namespace

TEST_CASE("verdicts on modes and ACLs are what chmod and setfacl would change") {
  const std::size_t demands =
      sample(200, 1500, "demands on modes and ACLs, each of 30 objects, on ext4 and on tmpfs");
  const unsigned seed = seed_in("PERMWARD_TWINS_SEED");
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs}) {
    INFO(name(file_system) << ", PERMWARD_TWINS_SEED=" << seed);
    ImageMount mount(file_system);
    Dice dice(10 * seed + static_cast<unsigned>(file_system));
    std::vector<Case> cases;
    std::string policy;
    for (std::size_t i = 0; i < demands; ++i) {
      cases.emplace_back(dice, mount.path("d" + std::to_string(i)));
      policy += cases.back().rule("r" + std::to_string(i));
    }
    const Checked checked = check_text(policy);
    std::map<std::string, Status> verdicts;
    for (const Finding& one : checked.outcome.findings) {
      REQUIRE(verdicts.emplace(one.path.text() + ' ' + std::string(name(one.aspect)), one.status)
                  .second);
    }
    std::cout << "twins on " << name(file_system) << ": " << demands * objects_of_a_demand
              << " objects, " << verdicts.size() << " findings" << std::endl;
    for (Case& one : cases) one.compare(verdicts);
  }
  const auto count = [](Status status) { return counts[static_cast<std::size_t>(status)]; };
  std::cout << "twins: " << count(Status::pass) << " in policy, " << count(Status::violation)
            << " violations, " << count(Status::error) << " errors" << std::endl;
  REQUIRE(count(Status::pass) > demands * 10);
  REQUIRE(count(Status::violation) > demands * 10);
  REQUIRE(count(Status::error) > 0);
}
