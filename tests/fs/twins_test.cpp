// SPDX-License-Identifier: Apache-2.0
// Twins: what check says of an object, beside what chmod(1) and setfacl(1) would change on one just
// like it, and what getfacl(1) shows of it. Nothing here reads a mode or an ACL as the product
// does.
//
// An object `x` is checked. Its twin `z` has the same mode and ACL. Where a rule decides the ACL
// too, `mode` speaks of the base entries: a twin `y` has them as its mode, and no ACL.
#include "policy/mode_text.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/dice.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/sampling.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

constexpr std::size_t objects_of_a_demand = 30;

// Verdicts that were compared, by status.
std::array<std::size_t, status_names.size()> counts{};

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

std::string octal(unsigned mode, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto it = text.rbegin(); it != text.rend(); ++it, mode >>= 3) {
    *it = static_cast<char>('0' + (mode & 7));
  }
  return text;
}

std::string letters(unsigned rights) {
  return std::string() + ((rights & 4) != 0 ? 'r' : '-') + ((rights & 2) != 0 ? 'w' : '-') +
         ((rights & 1) != 0 ? 'x' : '-');
}

unsigned rights_of(const std::string& text) {
  return (text.at(0) == 'r' ? 4U : 0U) | (text.at(1) == 'w' ? 2U : 0U) |
         (text.at(2) == 'x' ? 1U : 0U);
}

// Who has named entries, few enough that lists meet.
struct Named {
  char kind;  // u or g
  std::uint32_t id;
  auto operator<=>(const Named&) const = default;
  [[nodiscard]] std::string text() const { return std::string(1, kind) + ':' + std::to_string(id); }
};
const std::vector<Named> somebody = {{'u', 7001}, {'u', 7002}, {'g', 7001}, {'g', 7003}};

// A starting state.
struct State {
  bool directory = false;
  unsigned mode = 0;  // the base entries, and the upper three bits
  std::map<Named, unsigned> named;
  std::optional<unsigned> mask;
};

State random_state(Dice& dice) {
  static const std::vector<unsigned> usual = {0644, 0640, 0600, 0755,  0750,  0664,  0666, 0777,
                                              0400, 0444, 0000, 04755, 02755, 01777, 0666, 0711};
  State state;
  state.directory = dice.one_in(3);
  state.mode = dice.one_in(2) ? dice.from(usual) : dice.below(010000);
  if (dice.one_in(2)) return state;
  for (unsigned entries = dice.below(4); entries > 0; --entries) {
    state.named[dice.from(somebody)] = dice.below(8);
  }
  unsigned united = (state.mode >> 3) & 7;
  for (const auto& [who, rights] : state.named) united |= rights;
  state.mask = dice.one_in(2) ? united : dice.below(8);
  return state;
}

void make(const std::string& path, const State& state, bool with_acl) {
  if (state.directory) {
    require(mkdir(path.c_str(), 0700) == 0, "mkdir " + path);
  } else {
    require(mknod(path.c_str(), S_IFREG | 0600, 0) == 0, "create " + path);
  }
  require(chmod(path.c_str(), state.mode) == 0, "chmod " + path);
  if (!with_acl || !state.mask) return;
  std::vector<AclEntry> entries = {
      {AclTag::user_obj, static_cast<std::uint8_t>(state.mode >> 6 & 7), 0},
      {AclTag::group_obj, static_cast<std::uint8_t>(state.mode >> 3 & 7), 0},
      {AclTag::mask, static_cast<std::uint8_t>(*state.mask), 0},
      {AclTag::other, static_cast<std::uint8_t>(state.mode & 7), 0}};
  for (const auto& [who, rights] : state.named) {
    entries.push_back({who.kind == 'u' ? AclTag::user : AclTag::group,
                       static_cast<std::uint8_t>(rights), who.id});
  }
  set_acl(path, std::move(entries));
}

// An entry of a demand.
struct Want {
  unsigned rights = 0;
  bool x_if_any = false;
  [[nodiscard]] std::string text() const { return letters(rights) + (x_if_any ? "X" : ""); }
};
using Wanted = std::map<Named, Want>;

struct Demand {
  // As the policy writes it, and as chmod(1) is told; empty: says nothing of the mode.
  std::string mode;
  std::string chmod;
  bool exact_mode = false;
  unsigned near_mode = 0644;  // one that is likely to be in policy
  enum class Acl { silent, exact, bounds } acl = Acl::silent;
  bool above = false;
  bool below = false;
  Wanted at_most;  // exact: the entries
  Wanted at_least;
  std::optional<Want> mask_at_most;  // exact: the mask
  std::optional<Want> mask_at_least;

  [[nodiscard]] std::string rule(const std::string& id, const std::string& path) const {
    std::string text = "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + '\n';
    if (!mode.empty()) text += "mode = " + mode + '\n';
    if (acl == Acl::exact) text += "acl = " + list(at_most, mask_at_most) + '\n';
    if (acl == Acl::bounds) {
      text += "acl = { ";
      if (above) text += "at_most = " + list(at_most, mask_at_most);
      if (above && below) text += ", ";
      if (below) text += "at_least = " + list(at_least, mask_at_least);
      text += " }\n";
    }
    return text;
  }

 private:
  static std::string list(const Wanted& wanted, const std::optional<Want>& mask) {
    std::string text = "[";
    for (const auto& [who, want] : wanted) text += '"' + who.text() + ':' + want.text() + "\", ";
    if (mask) text += "\"mask::" + mask->text() + '"';
    return text + "]";
  }
};

// The clauses that take (`-`) or give (`+`) just these bits.
std::string clauses(unsigned bits, char sign) {
  std::string text;
  const std::array<const char*, 3> classes = {"u", "g", "o"};
  for (unsigned i = 0; i < 3; ++i) {
    std::string which;
    const unsigned rights = bits >> (6 - 3 * i) & 7;
    if ((rights & 4) != 0) which += 'r';
    if ((rights & 2) != 0) which += 'w';
    if ((rights & 1) != 0) which += 'x';
    if (i < 2 && (bits >> (11 - i) & 1) != 0) which += 's';
    if (i == 2 && (bits & 01000) != 0) which += 't';
    if (which.empty()) continue;
    if (!text.empty()) text += ',';
    text += classes[i] + std::string(1, sign) + which;
  }
  return text;
}

std::string random_clauses(Dice& dice) {
  for (;;) {
    std::string text;
    for (unsigned count = 1 + dice.below(3); count > 0; --count) {
      if (!text.empty()) text += ',';
      std::string classes;
      for (const char one : {'u', 'g', 'o', 'a'}) {
        if (dice.one_in(one == 'a' ? 6 : 2)) classes += one;
      }
      text += (classes.empty() ? "g" : classes) + "-+="[dice.below(3)];
      for (const char one : {'r', 'w', 'x', 'X', 's', 't'}) {
        if (dice.one_in(one == 's' || one == 't' ? 5 : 2)) text += one;
      }
    }
    if (parse_mode(text)) return text;
  }
}

void random_mode(Dice& dice, Demand& demand) {
  static const std::vector<unsigned> usual = {0644, 0640, 0600,  0755,  0750,  0777,
                                              0664, 0000, 04755, 02775, 01777, 0444};
  const auto mode = [&] { return dice.one_in(3) ? dice.below(010000) : dice.from(usual); };
  switch (dice.below(3)) {
    case 0: {
      const unsigned exact = mode();
      demand.exact_mode = true;
      demand.near_mode = exact;
      demand.mode = '"' + octal(exact, 4) + '"';
      demand.chmod = octal(exact, 5);  // five digits take a directory's set-id bits too
      return;
    }
    case 1: {
      const bool above = dice.one_in(2);
      const bool below = !above || dice.one_in(2);
      const unsigned at_most = above ? mode() : 07777;
      const unsigned at_least = below ? mode() & at_most : 0;
      demand.near_mode = above ? at_most : at_least;
      demand.mode = "{ ";
      if (above) demand.mode += "at_most = \"" + octal(at_most, 4) + '"';
      if (above && below) demand.mode += ", ";
      if (below) demand.mode += "at_least = \"" + octal(at_least, 4) + '"';
      demand.mode += " }";
      demand.chmod = clauses(at_least, '+');
      const std::string taken = clauses(~at_most & 07777, '-');
      if (!demand.chmod.empty() && !taken.empty()) demand.chmod += ',';
      demand.chmod += taken;
      if (demand.chmod.empty()) demand.chmod = "u+";
      return;
    }
    default:
      demand.chmod = random_clauses(dice);
      demand.mode = '"' + demand.chmod + '"';
  }
}

Want random_want(Dice& dice) {
  Want want{dice.one_in(4) ? 0 : dice.below(8), false};
  if (dice.one_in(4)) want = {want.rights & 6U, true};
  return want;
}

Wanted random_wanted(Dice& dice) {
  Wanted wanted;
  for (unsigned entries = dice.below(4); entries > 0; --entries) {
    wanted[dice.from(somebody)] = random_want(dice);
  }
  return wanted;
}

void random_acl(Dice& dice, Demand& demand) {
  if (dice.one_in(2)) {
    demand.acl = Demand::Acl::exact;
    demand.at_most = random_wanted(dice);
    // A mask of nothing would be an error of the policy.
    if (dice.one_in(3)) demand.mask_at_most = Want{1 + dice.below(7), false};
    return;
  }
  demand.acl = Demand::Acl::bounds;
  demand.above = dice.one_in(2);
  demand.below = !demand.above || dice.one_in(2);
  if (demand.above) demand.at_most = random_wanted(dice);
  if (demand.above && dice.one_in(3)) demand.mask_at_most = random_want(dice);
  if (!demand.below) return;
  demand.at_least = random_wanted(dice);
  if (dice.one_in(3)) demand.mask_at_least = random_want(dice);
  if (!demand.above) return;
  // No more at least than at most.
  for (auto it = demand.at_least.begin(); it != demand.at_least.end();) {
    const auto bound = demand.at_most.find(it->first);
    if (bound == demand.at_most.end()) {
      it = demand.at_least.erase(it);
      continue;
    }
    const Want mask = demand.mask_at_most.value_or(Want{7, true});
    it->second.rights &= bound->second.rights & mask.rights;
    it->second.x_if_any = it->second.x_if_any && bound->second.x_if_any && mask.x_if_any;
    ++it;
  }
  if (demand.mask_at_least && demand.mask_at_most) {
    demand.mask_at_least = Want{demand.mask_at_least->rights & demand.mask_at_most->rights, false};
  }
}

bool is_a_policy(const Demand& demand) {
  try {
    (void)policy_of(demand.rule("r", "/x/*"));
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

// One that the loader takes: a few contradict themselves.
Demand random_demand(Dice& dice) {
  for (;;) {
    Demand demand;
    const unsigned which = dice.below(4);
    if (which != 0) random_mode(dice, demand);
    if (which != 1) random_acl(dice, demand);
    if (is_a_policy(demand)) return demand;
  }
}

// A state that meets the demand, or misses it by little.
State near_state(Dice& dice, const Demand& demand) {
  State state;
  state.directory = dice.one_in(3);
  state.mode = demand.near_mode;
  const auto rights = [&](const Want& want) {
    return want.rights | (want.x_if_any ? dice.below(2) : 0U);
  };
  const Wanted& wanted = demand.below && dice.one_in(2) ? demand.at_least : demand.at_most;
  for (const auto& [who, want] : wanted) state.named[who] = rights(want);
  unsigned united = (state.mode >> 3) & 7;
  for (const auto& [who, has] : state.named) united |= has;
  if (!state.named.empty() || demand.mask_at_most) {
    state.mask = demand.mask_at_most && dice.one_in(2) ? rights(*demand.mask_at_most) : united;
  }
  switch (dice.below(6)) {
    case 0:
      state.mode ^= 1U << dice.below(12);
      break;
    case 1:
      if (state.mask) *state.mask ^= 1U << dice.below(3);
      break;
    case 2:
      if (state.named.empty()) break;
      state.named.begin()->second ^= 1U << dice.below(3);
      break;
    case 3:
      if (state.mask) state.named[dice.from(somebody)] = dice.below(8);
      break;
    default:
      break;
  }
  return state;
}

// What getfacl(1) shows of an object, entries as they stand and as they are in effect.
struct Shown {
  unsigned user = 0;
  unsigned group = 0;
  unsigned group_in_effect = 0;
  unsigned other = 0;
  std::map<Named, unsigned> named;
  std::map<Named, unsigned> in_effect;
  std::optional<unsigned> mask;
  unsigned upper = 0;  // set-id and sticky bits

  [[nodiscard]] unsigned base(bool as_stated) const {
    return upper << 9 | user << 6 | (as_stated ? group : group_in_effect) << 3 | other;
  }
  [[nodiscard]] bool somebody_executes(bool directory) const {
    unsigned all = user | group_in_effect | other;
    for (const auto& [who, rights] : in_effect) all |= rights;
    return directory || (all & 1) != 0;
  }
};

std::map<std::string, Shown> getfacl(const std::vector<std::string>& paths) {
  std::vector<std::string> command = {"getfacl", "-n", "-p", "-e", "--"};
  command.insert(command.end(), paths.begin(), paths.end());
  std::istringstream text(run_program(command));
  std::map<std::string, Shown> out;
  Shown* at = nullptr;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# file: ")) {
      at = &out[line.substr(8)];
    } else if (line.starts_with("# flags: ")) {
      at->upper = (line.at(9) == 's' ? 4U : 0U) | (line.at(10) == 's' ? 2U : 0U) |
                  (line.at(11) == 't' ? 1U : 0U);
    } else if (!line.empty() && line[0] != '#') {
      const std::size_t first = line.find(':');
      const std::size_t second = line.find(':', first + 1);
      const std::string tag = line.substr(0, first);
      const std::string who = line.substr(first + 1, second - first - 1);
      const unsigned rights = rights_of(line.substr(second + 1, 3));
      const std::size_t comment = line.find("#effective:");
      const unsigned effect =
          comment == line.npos ? rights : rights_of(line.substr(comment + 11, 3));
      if (tag == "mask") {
        at->mask = rights;
      } else if (tag == "other") {
        at->other = rights;
      } else if (!who.empty()) {
        const Named named{tag[0], static_cast<std::uint32_t>(std::stoul(who))};
        at->named[named] = rights;
        at->in_effect[named] = effect;
      } else if (tag == "user") {
        at->user = rights;
      } else {
        at->group = rights;
        at->group_in_effect = effect;
      }
    }
  }
  REQUIRE(out.size() == paths.size());
  return out;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  require(lstat(path.c_str(), &status) == 0, "stat " + path);
  return status.st_mode & 07777;
}

void run_on(std::vector<std::string> command, const std::vector<std::string>& paths) {
  if (paths.empty()) return;
  command.push_back("--");
  command.insert(command.end(), paths.begin(), paths.end());
  (void)run_program(command);
}

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
