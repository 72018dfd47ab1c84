// SPDX-License-Identifier: Apache-2.0
// What the twins of modes and ACLs are made of: objects and demands that are drawn, and what the
// tools show of an object. Nothing here reads a mode or an ACL as the product does.
#pragma once

#include "support/checked.hpp"
#include "support/dice.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace permward::test::twins {

// Throws errno.
void require(bool done, const std::string& doing);

std::string letters(unsigned rights);  // "r-x"

// Who has named entries, few enough that lists meet.
struct Named {
  char kind;  // u or g
  std::uint32_t id;
  auto operator<=>(const Named&) const = default;
  [[nodiscard]] std::string text() const { return std::string(1, kind) + ':' + std::to_string(id); }
};

// A starting state.
struct State {
  bool directory = false;
  unsigned mode = 0;  // the base entries, and the upper three bits
  std::map<Named, unsigned> named;
  std::optional<unsigned> mask;
};

State random_state(Dice& dice);
void make(const std::string& path, const State& state, bool with_acl);

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

// One that the loader takes: a few contradict themselves.
Demand random_demand(Dice& dice);

// A state that meets the demand, or misses it by little.
State near_state(Dice& dice, const Demand& demand);

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

std::map<std::string, Shown> getfacl(const std::vector<std::string>& paths);
unsigned mode_of(const std::string& path);  // as lstat(2) has it: 0 to 07777

// Runs the command on them, if there are any.
void run_on(std::vector<std::string> command, const std::vector<std::string>& paths);

}  // namespace permward::test::twins
