// SPDX-License-Identifier: Apache-2.0
//
// A rule as its keys say it, before they are looked at together. Layer `policy`; values only.
#pragma once

#include "model/rule.hpp"
#include "policy/users.hpp"

#include <optional>
#include <vector>

namespace permward {

template <class T>
struct Stated {
  T value{};
  Pos pos;  // of the key
};

struct RuleDraft {
  Rule rule;  // all but `selects` and `clauses`

  std::optional<Stated<Presence>> presence;
  std::optional<Stated<TypeSet>> type;
  std::vector<Clause> own;  // demands of the rule itself; all with the types of their aspect
  std::vector<Clause> files;
  std::vector<Clause> directories;
  std::vector<Clause> any_of;
  std::optional<Pos> path_key;
  std::optional<Pos> paths_key;
  std::optional<Pos> files_key;
  std::optional<Pos> any_of_key;
  std::optional<Pos> directories_key;
  std::optional<Pos> exclude_key;
  std::optional<Pos> cross_filesystems_key;
  std::optional<Pos> create_key;           // `on_missing = "create"`
  std::optional<Pos> restore_missing_key;  // `on_missing = "restore"`
  std::optional<Pos> restore_changed_key;  // `on_changed = "restore"`
  std::optional<Pos> verify_key;
  std::optional<Pos> remove_key;  // `on_forbidden = "remove"`
  bool report_missing = false;    // `on_missing = "report"`
  std::optional<Stated<UsersWant>> users;
  // One of many that a rule was expanded to, or would be.
  bool of_a_user = false;
  // A demand is stated, whether or not it could be read; the first one's key.
  std::optional<Pos> demand_key;
};

}  // namespace permward
