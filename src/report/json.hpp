// SPDX-License-Identifier: Apache-2.0
//
// The JSON report: one document a run. Layer `report`; pure. Both functions write ASCII, a member
// or a finding a line, and a line end after the last.
#pragma once

#include "model/diagnostic.hpp"
#include "model/run.hpp"
#include "report/sink.hpp"

#include <string>

namespace permward {

void write_json(const RunReport& report, Sink& sink);

// The document of a run that never began, for the policy has mistakes.
void write_json_errors(const std::string& command, const std::string& version,
                       const Diagnostics& errors, Sink& sink);

}  // namespace permward
