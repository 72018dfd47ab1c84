// SPDX-License-Identifier: Apache-2.0
//
// What `validate` has to say, as a value: what `RunReport` is to a check. Layer `model`; values
// only.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

struct Validation {
  std::string command;
  std::string version;            // of the tool
  std::vector<PolicyFile> files;  // that were read, in the order in which they count
  std::uint64_t rules = 0;        // enabled
  std::uint64_t disabled = 0;     // rules that an override disables
  Diagnostics diagnostics;        // all; their severity decides
  std::optional<Error> error;     // what ended the run

  [[nodiscard]] bool valid() const { return !error && !has_errors(diagnostics); }
};

}  // namespace permward
