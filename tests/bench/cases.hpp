// SPDX-License-Identifier: Apache-2.0
// What is measured, a part each. All throw what they cannot do; after each the tree is as it was
// made. Those of check are run with one thread, and with as many as are asked for.
#pragma once

#include "bench/measure.hpp"
#include "bench/options.hpp"
#include "bench/tree.hpp"

#include <functional>

namespace permward::bench {

// Takes what has been measured.
using Show = std::function<void(const Comparison&)>;

// `permward check` of a tree that is in policy, and a program that reads the same and does nothing
// with it.
void compare_checks(const Options& options, const Tree& tree, const Show& show);

// The same with one file in a hundred out of policy, all of them reported.
void compare_violations(const Options& options, const Tree& tree, const Show& show);

// The same with many rules: literal paths, globs and recursions.
void compare_rules(const Options& options, const Tree& tree, const Show& show);

// As many rules as are asked for, each on one path: `permward validate` and `permward check`, and
// a program that looks at these paths one by one.
void compare_literals(const Options& options, const Tree& tree, const Show& show);

// `permward check`, and what else is installed and can tell the same of the tree.
void compare_peers(const Options& options, const Tree& tree, const Show& show);

// `permward check` of the content of files, large and small, a program that reads and hashes it
// alone, and the rate of `openssl speed`. Needs no files in the tree.
void compare_hashes(const Options& options, const Tree& tree, const Show& show);

// `permward check` of this machine by the policy debian-base, from start to exit, and `ls -l` of
// what the policy speaks of. Needs no files in the tree.
void compare_debian_base(const Options& options, const Tree& tree, const Show& show);

// What the journal takes to write changes and their outcomes down, as apply does, and what the
// changes themselves take, each through a descriptor that is held. For root.
void compare_journal(const Options& options, const Tree& tree, const Show& show);

// `permward apply` of a tree each file of which has another owner, group and mode, a program that
// corrects without asking anything, and the system's. For root.
void compare_applies(const Options& options, const Tree& tree, const Show& show);

}  // namespace permward::bench
