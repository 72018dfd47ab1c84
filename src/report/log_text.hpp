// SPDX-License-Identifier: Apache-2.0
//
// The answers of `log` for people. Layer `report`; pure.
#pragma once

#include "report/change_source.hpp"
#include "report/sink.hpp"
#include "report/text.hpp"

namespace permward {

// Without `changes` a table of the runs, else the run that was asked for, a block for each object
// and in it a line for each aspect; then the verdict. `options.detail` `verdict`: that alone.
void write_log_text(const LogReport& report, ChangeSource* changes, const TextOptions& options,
                    Sink& sink);

}  // namespace permward
