// SPDX-License-Identifier: Apache-2.0
//
// What all the rules together demand of one object: precedence as subtraction. Each aspect is a set
// of parts (the twelve mode bits; one part else). Down the ranks a clause keeps the parts that no
// stronger rank has claimed; rules of one rank all see what was claimed before them, so they speak
// together and each for itself. A claimed part in which nothing is demanded (a bit inside an
// at-most) is *free*, and silences weaker rules all the same. Layer `decide`; pure.
#pragma once

#include "decide/target.hpp"
#include "model/facet.hpp"
#include "model/mode.hpp"
#include "model/observation.hpp"
#include "model/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace permward {

struct Decided {
  std::uint32_t rule = 0;
  std::uint32_t target = 0;
  const Clause* clause = nullptr;
  std::uint16_t parts = 0;  // those of the clause's that it decides
};

// Why a rule says nothing of an object although its path matches.
enum class Silence : std::uint8_t {
  none,  // it speaks
  other_type,
  leads_on,      // a link that its glob matches and that it follows: it speaks of what is there
  spoke_before,  // with the same rank, by another of its paths
};
// Of `accepts[at]`.
[[nodiscard]] Silence silence(const Policy& policy, std::span<const Target> targets,
                              std::span<const Accept> accepts, std::size_t at, Type type);

// One clause that speaks of an object, and what stronger ranks leave of it.
struct Claim {
  std::size_t accept = 0;  // index of whose clause it is
  const Clause* clause = nullptr;
  std::uint16_t says = 0;     // the parts that it speaks of
  std::uint16_t decides = 0;  // those that it decides; none: all of it is decided by others
};
// Of an object of `type` which `accepts`, strongest first, speak of; in that order. What `compose`
// makes a demand of.
[[nodiscard]] std::vector<Claim> claims(const Policy& policy, std::span<const Target> targets,
                                        std::span<const Accept> accepts, Type type);

// What is demanded most, merged into one test. It may only acquit: what it declines is compared
// clause by clause.
struct Screen {
  // False: something is demanded that no observation of this type meets, or that it does not test.
  bool may_acquit = true;
  bool any_owner = true;
  bool any_group = true;
  bool no_acl_is_fine = true;
  bool no_default_acl_is_fine = true;
  AttributesWant attributes;
  std::uint64_t most_links = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::uint32_t> owners;  // sorted; every deciding clause accepts them
  std::vector<std::uint32_t> groups;
  ModeTable mode;
};

struct Choice;

struct Demand {
  Type type = Type::absent;
  std::vector<Decided> decided;  // strongest rank first
  std::vector<Choice> choices;   // of each, one alternative is to hold whole
  bool counted = false;          // some selected rule demands something: it is an object of the run
  FacetSet asks;                 // what must be read of it to compare
  // `mode` speaks of the base entries, since `acl` is decided too. Outright, it does where some
  // alternative decides `acl`; in an alternative, where that one or another rule's does.
  bool mode_is_base = false;
  Screen screen;
  // Targets of globs whose presence is required, and which an object of this type matches.
  std::vector<std::uint32_t> matched_globs;

  // No rule says anything of the object.
  [[nodiscard]] bool empty() const;
};

// `any_of` of one rule, as far as no stronger rule decides. There is none where some alternative
// has nothing left for an object of this type: that one holds.
struct Choice {
  std::uint32_t rule = 0;
  std::uint32_t target = 0;
  // In the order of the policy. Each has its own clauses in `decided`, and is compared as if they
  // were demanded beside what is demanded anyway; its `screen` acquits nobody. Where it is of
  // another type, nothing else of it is compared.
  std::vector<Demand> alternatives;
};

// What must be read of an object to compare it with the clause.
[[nodiscard]] FacetSet facets_of(const Clause& clause);

// Whether the clause can be out of policy for an object of that type at all; an optional presence
// cannot.
[[nodiscard]] bool demands(const Clause& clause, Type type);

// Of an object of `type` which `accepts`, strongest first, speak of. `selected` has one entry a
// rule, or none for all: what is not selected still decides, and is then left out. Of what is left
// a `type` clause that excludes `type` stands alone; where its rule is only reported, alone of its
// rule.
void compose(const Policy& policy, std::span<const Target> targets, std::span<const Accept> accepts,
             Type type, const std::vector<bool>& selected, Demand& out);

// True only if the object is in policy. What the demand asks for must have been read.
[[nodiscard]] bool acquits(const Demand& demand, const Observed& observed);

}  // namespace permward
