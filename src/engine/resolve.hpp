// SPDX-License-Identifier: Apache-2.0
//
// Where the paths of a policy lead in this tree: links among their directories are followed, by
// safe open, before anything is matched, so that one object has one path before precedence is
// decided. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "decide/target.hpp"
#include "model/diagnostic.hpp"
#include "model/mount.hpp"
#include "model/policy.hpp"
#include "os/safe_open.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// A path that cannot be resolved, or not safely. The target's head is resolved as far as it could
// be; what follows is as the policy writes it.
struct Unresolved {
  Target target;
  Error error;
};

struct Resolution {
  std::vector<Target> targets;  // by rule, then path
  std::vector<Unresolved> unresolved;
};

// `active`: one a rule; paths of others are left out.
[[nodiscard]] Resolution resolve(const Policy& policy, const std::vector<bool>& active,
                                 SafeOpen& safe_open);

// For each link that a glob of a rule with `follow` matches: a target where it leads, or, where it
// is not to be trusted, an unresolved one. Adds them to `resolution`, whose targets keep their
// indices.
void follow_globs(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
                  Resolution& resolution);

enum class InForce : std::uint8_t {
  yes,
  disabled,
  other_host,    // `when` names another host
  path_missing,  // or a path that is not there
};
// Of one rule. Where there is no host name none holds, not even `*`. A path whose existence could
// not be verified counts as there: nobody may switch a rule off by hiding it.
[[nodiscard]] InForce in_force(const Rule& rule, SafeOpen& safe_open,
                               const std::optional<std::string>& hostname);

// What of a policy is in force here, and where its paths lead.
struct Placement {
  std::vector<InForce> states;   // one a rule
  std::uint64_t rules_here = 0;  // those in force, as they are written
  Resolution resolution;         // of their paths, links that globs match followed
  Diagnostics conflicts;         // of rules that cannot hold together there: errors
};
[[nodiscard]] Placement place_rules(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
                                    const std::optional<std::string>& hostname);

// Of those in force, as they are written, each that has a `verify`.
[[nodiscard]] std::vector<std::uint32_t> verifying_rules(const Policy& policy,
                                                         const std::vector<InForce>& states);

// An absolute path, as its names after links among its directories; a trailing slash follows the
// last component too, if it is a link.
[[nodiscard]] Result<std::vector<std::string>> resolve_argument(const std::string& path,
                                                                SafeOpen& safe_open);
// The same path after `resolve_argument` failed: resolved as far as it could be.
[[nodiscard]] std::vector<std::string> reached_argument(const std::string& path,
                                                        SafeOpen& safe_open);

}  // namespace permward
