// SPDX-License-Identifier: Apache-2.0
//
// The JSON report: one document a run. Layer `report`; pure. All functions write ASCII, a member, a
// finding or a mistake a line, and a line end after the last.
#pragma once

#include "model/diagnostic.hpp"
#include "model/run.hpp"
#include "model/validation.hpp"
#include "report/sink.hpp"

#include <string>

namespace permward {

void write_json(const RunReport& report, Sink& sink);

// The document of a run that never began, for the policy has mistakes.
void write_json_errors(const std::string& command, const std::string& version,
                       const Diagnostics& errors, Sink& sink);

// `errors` has the warnings too: each says what it is, and `valid` what comes of them.
void write_json(const Validation& validation, Sink& sink);

}  // namespace permward
