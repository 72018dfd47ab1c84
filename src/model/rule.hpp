// SPDX-License-Identifier: Apache-2.0
//
// Rules as data. A rule is text for people, places, and clauses; a clause is one demand on one
// aspect of objects of some types. `files`, `directories` and overrides are gone once a policy is
// loaded: their clauses took types away from the rule's own and kept their own positions. Layer
// `model`; values only.
#pragma once

#include "base/sha256.hpp"
#include "model/accounts.hpp"
#include "model/acl.hpp"
#include "model/aspect.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"
#include "model/mode.hpp"
#include "model/pattern.hpp"
#include "model/pos.hpp"
#include "model/type.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace permward {

enum class Severity : std::uint8_t { info, low, medium, high, critical };
inline constexpr std::array<std::string_view, 5> severity_names = {"info", "low", "medium", "high",
                                                                   "critical"};
[[nodiscard]] constexpr std::string_view name(Severity severity) {
  return severity_names[static_cast<std::size_t>(severity)];
}
[[nodiscard]] std::optional<Severity> severity_named(std::string_view name);

enum class Presence : std::uint8_t { required, optional, forbidden };

struct PresenceWant {
  Presence presence = Presence::optional;
  // Of a rule that does not state it, and demands something else: it says nothing about the
  // presence of what its globs match. `presence` is that of its literal paths.
  bool silent_for_globs = false;
};

struct TypeWant {
  TypeSet allowed;
  // False: the rule says nothing, and so anything is allowed but a symlink; that too where some
  // alternative demands what only a symlink has.
  bool stated = true;
};

// `owner` and `group`: any of these, or any that has an account.
struct IdWant {
  std::vector<std::uint32_t> accounts;  // indices into Policy::accounts, in the policy's order
  bool known = false;                   // `{ known = true }`; then no account is listed
};

// `max_links`.
struct LinksWant {
  std::uint64_t most = 1;
};

// `target`: any of these texts.
struct TargetWant {
  std::vector<std::string> texts;  // in the policy's order
};

// `entries`: nothing but what one of these matches. None: nothing at all.
struct EntriesWant {
  std::vector<Component> names;
};

// `content`: any of these, or what a snapshot has accepted.
struct ContentWant {
  std::vector<Sha256::Digest> sha256;  // in the policy's order
  bool pinned = false;                 // then none is listed
};

// What a clause demands; one struct an aspect.
using Want =
    std::variant<PresenceWant, TypeWant, IdWant, ModeWant, AclWant, DefaultAclWant, AttributesWant,
                 CapabilitiesWant, LinksWant, EntriesWant, TargetWant, ContentWant>;

struct Clause {
  Aspect aspect = Aspect::presence;
  TypeSet types;  // the objects that it speaks of
  Want want;
  Pos pos;  // of its key; of the rule's header where the rule does not state it
  // 0: it is demanded; N: it belongs to the Nth table of `any_of`, one of which is to hold whole.
  std::uint32_t alternative = 0;
};

enum class CrossFilesystems : std::uint8_t { no, local, yes };

// How deep a rule reaches below its paths.
inline constexpr std::uint32_t not_recursive = 0;
inline constexpr std::uint32_t unlimited_depth = std::numeric_limits<std::uint32_t>::max();

// Below the rule's path: `tail` relative to it, or, of one component, on any base name.
struct Exclude {
  std::vector<Component> tail;
  bool base_name = false;
};

struct When {
  std::optional<std::string> path_exists;  // absolute
  std::optional<Component> hostname;
};

// Who is trusted with the directories on the way to a rule's paths.
struct TrustedPrincipal {
  bool everyone = false;      // `"*"`
  std::uint32_t account = 0;  // else: index into Policy::accounts
};

struct RulePath {
  Pattern pattern;
  Pos pos;
};

struct Rule {
  std::string id;
  std::string title;
  std::string rationale;
  std::string remediation;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      references;  // in the policy's order
  std::vector<std::string> tags;
  Severity severity = Severity::medium;
  Pos pos;  // of its `[[rule]]` header

  std::vector<RulePath> paths;
  bool follow = false;
  std::uint32_t recurse = not_recursive;
  std::vector<Exclude> excludes;
  CrossFilesystems cross_filesystems = CrossFilesystems::no;
  // Recursions and globs select objects of these types; a literal rule has a `type` clause instead.
  TypeSet selects = TypeSet::all_present();
  std::vector<Clause> clauses;
  std::uint32_t alternatives = 0;  // tables of `any_of`

  bool enforce = true;
  // `on_missing = "create"`: what is required and gone may be made anew, empty. Then type, owner,
  // group and an exact mode are stated.
  bool create_missing = false;
  // What is pinned comes back from what was accepted: where it is gone (`on_missing = "restore"`,
  // which is so unless another is said), and where it differs (`on_changed = "restore"`).
  bool restore_missing = false;
  bool report_missing = false;  // `on_missing = "report"` is stated
  bool restore_changed = false;
  std::optional<bool> sensitive;    // its content is never shown; none: unless all may read it
  std::vector<std::string> verify;  // a program and its arguments, "{}" being the candidate's path
  bool remove_forbidden = false;    // `on_forbidden = "remove"`: what must not be there goes
  bool disabled = false;
  std::optional<When> when;
  std::vector<TrustedPrincipal> trust;
};

// Whether it demands what a snapshot has accepted: `content = "pinned"`.
[[nodiscard]] bool pins(const Clause& clause);
// Whether some clause of the rule does, of an alternative too.
[[nodiscard]] bool pins(const Rule& rule);

// The first clause of that aspect that is demanded whatever else holds, or null.
[[nodiscard]] const Clause* find_clause(const Rule& rule, Aspect aspect);

// Whether each glob of the rule must match something.
[[nodiscard]] bool requires_matches(const Rule& rule);

}  // namespace permward
