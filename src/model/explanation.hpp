// SPDX-License-Identifier: Apache-2.0
//
// What `explain` answers of one path, as a value: which rules speak of it, what each says, which
// decides what, and what came of it. Layer `model`; values and pure functions.
#pragma once

#include "model/aspect.hpp"
#include "model/finding.hpp"
#include "model/policy.hpp"
#include "model/pos.hpp"
#include "model/run.hpp"
#include "model/type.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// By what a rule matches; the first is the strongest. The top of a recursion is literal, or of the
// glob, in its presence and type, and belongs to the recursion in everything else.
enum class MatchKind : std::uint8_t { literal, glob, recursion };
inline constexpr std::array<std::string_view, 3> match_kind_names = {"literal", "glob",
                                                                     "recursion"};
[[nodiscard]] constexpr std::string_view name(MatchKind kind) {
  return match_kind_names[static_cast<std::size_t>(kind)];
}

// Parts of a clause that a stronger rule decides.
struct OutrankedPart {
  std::uint16_t parts = 0;
  std::uint32_t rule = 0;
  Pos source;  // where that rule states them
};

struct ExplainedClause {
  Aspect aspect = Aspect::presence;
  Pos source;
  std::uint32_t alternative = 0;  // of `any_of`, from 1; 0: it is demanded outright
  std::string says;               // in the policy's notation, whatever other rules say
  std::uint16_t parts = 0;        // the parts of the aspect that it speaks of
  std::uint16_t decides = 0;      // those that it decides; 0 too where the rule is not in force
  std::vector<OutrankedPart> outranked;  // the others, strongest first
};

// One rule that speaks of the path, by one of its paths.
struct ExplainedRule {
  std::uint32_t rule = 0;  // index into Policy::rules
  MatchKind kind = MatchKind::literal;
  std::string path;                      // of the rule, as it is written
  std::string note;                      // why it is not in force, or says nothing; may be empty
  std::vector<ExplainedClause> clauses;  // in the order of the rule
};

// One demand that decides, compared.
struct Decision {
  Finding finding;          // of any status, `pass` too
  std::uint16_t parts = 0;  // that its rule decides; 0: the finding is of the whole object
};

struct ExplainedWaiver {
  std::uint32_t waiver = 0;  // index into Policy::waivers
  bool expired = false;
};

struct Explanation {
  std::string path;      // bytes, as it was asked for, made absolute
  std::string resolved;  // after links; empty where it is the same
  Type type = Type::absent;
  // Why the object could not be looked at; `type` is then not known.
  std::optional<std::string> unseen;
  // The type of object whose rules are shown: its own, or, where nothing was seen, that which a
  // rule states, else a file.
  Type as = Type::absent;
  // The object is of a type that a rule forbids: nothing else of it is compared.
  bool wrong_type = false;
  std::vector<ExplainedRule> rules;         // in force, strongest first
  std::vector<ExplainedRule> not_in_force;  // whose paths match all the same
  std::vector<Decision> decided;            // by aspect, of one aspect strongest first
  std::vector<ExplainedWaiver> waivers;     // of what was decided, in the policy's order
  std::vector<std::string> stopped_at;      // mount points on the way at which recursions stopped
  bool rules_below = false;                 // some rule speaks of what lies below the path
  std::string nearest;  // where no rule speaks of it: the nearest path of which one does, or empty

  [[nodiscard]] const std::string& object() const { return resolved.empty() ? path : resolved; }
};

// What a report of `explain` prints.
struct ExplainReport {
  RunReport run;  // but for what is about findings
  std::vector<Explanation> explanations;
};

// Parts of an aspect for people: "o:w", "all bits"; empty where the aspect has but one.
[[nodiscard]] std::string parts_text(Aspect aspect, std::uint16_t parts);

}  // namespace permward
