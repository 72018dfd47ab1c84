// SPDX-License-Identifier: Apache-2.0
//
// The text of policy files to a `Policy`, or to all the mistakes in them. Layer `policy`; pure:
// names are not looked up, no clock is read. Where files come from is in `os/policy_files.hpp`.
#pragma once

#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "policy/load_options.hpp"
#include "policy/source_file.hpp"

#include <span>

namespace permward {

struct Loaded {
  Policy policy;            // meaningful only without errors, but for its files and accounts
  Diagnostics diagnostics;  // by file, line and column
};

// Reads all files, in their order. A file without a key is fine, and says nothing. Later files
// override variables, and rules by `[[override]]`, wherever the rule stands. Of a file that is not
// TOML the first mistake is reported, and nothing else in it is looked at; the other files are.
//
// A rule that is expanded by users stands there once for each of them, with one id; where there is
// none, without a path.
//
// Overrides are applied; a rule that they disable is checked, and has neither clauses nor trust.
// The accounts of `Policy` are pending, but for numbers.
//
// Whatever the texts hold, it takes a few hundred MiB at most, time in proportion to their size,
// and a stack of 256 KiB.
[[nodiscard]] Loaded load(std::span<const SourceFile> files, const LoadOptions& options = {});

}  // namespace permward
