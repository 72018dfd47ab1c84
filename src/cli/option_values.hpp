// SPDX-License-Identifier: Apache-2.0
//
// The texts of options, one function each: what `value` says goes to `options`, or nothing does and
// the mistake is returned. Layer `cli`; pure.
#pragma once

#include "cli/options.hpp"
#include "cli/usage.hpp"

#include <optional>
#include <string>

namespace permward {

using Mistake = std::optional<UsageError>;

[[nodiscard]] Mistake read_policy_name(Options& options, const std::string& value);
[[nodiscard]] Mistake read_root(Options& options, const std::string& value);
[[nodiscard]] Mistake read_format(Options& options, const std::string& value);
[[nodiscard]] Mistake read_output(Options& options, const std::string& value);
[[nodiscard]] Mistake read_report(Options& options, const std::string& value);
[[nodiscard]] Mistake read_tag(Options& options, const std::string& value);
[[nodiscard]] Mistake read_rule(Options& options, const std::string& value);
// Of several the least: rules that any of them selects.
[[nodiscard]] Mistake read_severity(Options& options, const std::string& value);
[[nodiscard]] Mistake read_jobs(Options& options, const std::string& value);
[[nodiscard]] Mistake read_state_dir(Options& options, const std::string& value);
[[nodiscard]] Mistake read_config(Options& options, const std::string& value);
[[nodiscard]] Mistake read_max_changes(Options& options, const std::string& value);
[[nodiscard]] Mistake read_from(Options& options, const std::string& value);
[[nodiscard]] Mistake read_to(Options& options, const std::string& value);
[[nodiscard]] Mistake read_path_of_history(Options& options, const std::string& value);
[[nodiscard]] Mistake read_color(Options& options, const std::string& value);

}  // namespace permward
