// SPDX-License-Identifier: Apache-2.0
//
// The report as JSON lines: an event a line, `finding` and at last `summary`. Layer `report`; pure.
#pragma once

#include "model/diagnostic.hpp"
#include "model/run.hpp"
#include "model/validation.hpp"
#include "report/sink.hpp"

#include <string>

namespace permward {

void write_jsonl(const RunReport& report, Sink& sink);

// The one line of a run that never began, for the policy has mistakes: event `errors`.
void write_jsonl_errors(const std::string& command, const std::string& version,
                        const Diagnostics& errors, Sink& sink);

// One line, event `errors`, whether or not there are any.
void write_jsonl(const Validation& validation, Sink& sink);

}  // namespace permward
