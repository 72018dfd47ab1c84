// SPDX-License-Identifier: Apache-2.0
//
// The report that people read: a block an object, the most severe last, then the verdict.
// Layer `report`; pure.
#pragma once

#include "model/run.hpp"
#include "model/validation.hpp"
#include "report/sink.hpp"
#include "report/style.hpp"

namespace permward {

struct TextOptions {
  enum class Detail : unsigned char { everything, verdict };

  Color color = Color::never;
  Detail detail = Detail::everything;
};

// The text report, for people. A block's head is the path (and what it resolves to),
// the gravest severity of its findings, and the rule and where it stands; the rule stands beside
// each finding instead where there are several. A block of which nothing is out of policy says
// `waived` or `pass` in the place of a severity, and comes first.
void write_text(const RunReport& report, const TextOptions& options, Sink& sink);

// The verdict alone: mistakes go to stderr (`report/diagnostics.hpp`).
void write_text(const Validation& validation, const TextOptions& options, Sink& sink);

}  // namespace permward
