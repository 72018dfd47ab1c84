// SPDX-License-Identifier: Apache-2.0
//
// The system of a run: this host, or that of `--root`. Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/usage.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "os/system.hpp"

#include <atomic>
#include <optional>

namespace permward {

struct SystemInput {
  System system;
  Diagnostics warnings;  // who else decides what it is, and what of its names could not be had
  std::optional<Error> hostname_error;  // it may have a host name, which could not be had
};

// The host's name service is not waited for once `stop`, if there is one, is set. Errors:
// `not_found` where there is no such directory, and those of `Root::open`.
[[nodiscard]] Result<SystemInput> open_system(const Options& options,
                                              const std::atomic<bool>* stop = nullptr);

// Why nobody can say which rules of the policy are in force here. Nobody may switch one off by
// hiding the host name, and one that is for other hosts is not to be taken for this one's.
[[nodiscard]] std::optional<Error> undecidable(const SystemInput& input, const Policy& policy);

// What is wrong with the command line where `open_system` ended in this error, if that is it.
[[nodiscard]] std::optional<UsageError> root_mistake(const Error& error);

}  // namespace permward
