// SPDX-License-Identifier: Apache-2.0
#include "fs/twins_support.hpp"

#include "policy/mode_text.hpp"
#include "support/catch.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace permward::test::twins {
namespace {

std::string octal(unsigned mode, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto it = text.rbegin(); it != text.rend(); ++it, mode >>= 3) {
    *it = static_cast<char>('0' + (mode & 7));
  }
  return text;
}

unsigned rights_of(const std::string& text) {
  return (text.at(0) == 'r' ? 4U : 0U) | (text.at(1) == 'w' ? 2U : 0U) |
         (text.at(2) == 'x' ? 1U : 0U);
}

const std::vector<Named> somebody = {{'u', 7001}, {'u', 7002}, {'g', 7001}, {'g', 7003}};

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

}  // namespace

void require(bool done, const std::string& doing) {
  if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

std::string letters(unsigned rights) {
  return std::string() + ((rights & 4) != 0 ? 'r' : '-') + ((rights & 2) != 0 ? 'w' : '-') +
         ((rights & 1) != 0 ? 'x' : '-');
}

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

Demand random_demand(Dice& dice) {
  for (;;) {
    Demand demand;
    const unsigned which = dice.below(4);
    if (which != 0) random_mode(dice, demand);
    if (which != 1) random_acl(dice, demand);
    if (is_a_policy(demand)) return demand;
  }
}

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

}  // namespace permward::test::twins
