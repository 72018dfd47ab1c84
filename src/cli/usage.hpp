// SPDX-License-Identifier: Apache-2.0
//
// Mistakes on the command line. Layer `cli`.
#pragma once

#include "cli/exit_status.hpp"

#include <string>

namespace permward {

struct UsageError {
  std::string message;  // lower case, no full stop; what others wrote in it is escaped
  std::string hint;     // what to write instead; may be empty
};

// Says so on stderr.
ExitStatus refuse_usage(const UsageError& error);

}  // namespace permward
