// SPDX-License-Identifier: Apache-2.0
// Policies that are measured with. Each function writes one below `tree.base()` and returns its
// name. The tree, as it is made, keeps them all. Throws std::runtime_error where it cannot write.
#pragma once

#include "bench/floor.hpp"
#include "bench/tree.hpp"

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

namespace permward::bench {

class PolicyFile {
 public:
  explicit PolicyFile(std::string name);
  // `keys`: lines of TOML. The rule is called after the file and its place in it.
  void add(std::string_view keys);
  [[nodiscard]] std::string finish();

 private:
  std::string name_;
  std::ofstream out_;
  std::size_t rules_ = 0;
};

// What demands the owner and group that the tree has, as lines of TOML.
std::string own_ids();

// One recursive rule, which demands of each object what `reads` says: owner, group and mode; and
// with `status_and_acl` that it has no ACL and is not immutable, which statx(2) tells too.
std::string write_tree_policy(const Tree& tree, Reads reads);

struct Amounts {
  std::size_t literals = 0;  // at most one a file
  std::size_t globs = 0;     // at most 1000
  std::size_t trees = 0;     // at most 256
};

// The same rule with `status_and_acl`, and beside it so many that speak of parts of the tree.
std::string write_rules_policy(const Tree& tree, const Amounts& amounts);

}  // namespace permward::bench
