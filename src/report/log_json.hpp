// SPDX-License-Identifier: Apache-2.0
//
// The answers of `log` as JSON. Layer `report`; pure.
//
// The document begins as every report (`format_version`, `tool`, `command`), has `warnings`, and
// `runs`, an object for each run:
//
//   run, started   its id; when it began
//   finished       when it ended, or a killed one was found to be killed; else null
//   state          in_policy, out_of_policy, killed, or unfinished (at work, or killed)
//   command        "apply"; `command_line`: with what is not an option
//   user, uid      who began it
//   in_policy      whether it ended so
//   counts         `objects` that it changed or was about to, findings that it `corrected`,
//                  `refused`, `failed`
//
// With `changes` that member too, an object for each aspect that differs:
//
//   path, path_b64   as in a finding
//   aspect           of the object
//   before, intended, after   texts in the policy's own notation; `after` null where it is unknown
//   outcome          what became of the object: corrected, failed, …; unknown
//
// It ends in `error` where something ended it.
#pragma once

#include "report/change_source.hpp"
#include "report/sink.hpp"

namespace permward {

void write_log_json(const LogReport& report, ChangeSource* changes, Sink& sink);

// A line a run, event `run`, then one a change, event `change`, and a last one, event `summary`,
// with the rest.
void write_log_jsonl(const LogReport& report, ChangeSource* changes, Sink& sink);

}  // namespace permward
