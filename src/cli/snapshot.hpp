// SPDX-License-Identifier: Apache-2.0
//
// `permward snapshot`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/option_set.hpp"

namespace permward {

void add_snapshot_options(OptionSet& set, Options& options);
ExitStatus run_snapshot(const Invocation& invocation);

// `snapshot list --path PATH`.
ExitStatus list_snapshots_with(const Invocation& invocation, const std::string& path);

// Its words but for the questions, which `run_snapshot` answers itself.
ExitStatus run_snapshot_create(const Invocation& invocation);
ExitStatus run_snapshot_diff(const Invocation& invocation);
ExitStatus run_snapshot_prune(const Invocation& invocation);
ExitStatus run_snapshot_export(const Invocation& invocation);
ExitStatus run_snapshot_import(const Invocation& invocation);

}  // namespace permward
