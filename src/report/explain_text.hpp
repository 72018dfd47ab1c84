// SPDX-License-Identifier: Apache-2.0
//
// The answers of `explain` for people: of each path what is decided, expected beside actual, then
// the rules, strongest first, with what each says and who decides it instead, and what has no
// effect. Layer `report`; pure.
#pragma once

#include "model/explanation.hpp"
#include "report/sink.hpp"
#include "report/text.hpp"

namespace permward {

// `options.detail` `verdict`: the first line of each path alone.
void write_explain_text(const ExplainReport& report, const TextOptions& options, Sink& sink);

}  // namespace permward
