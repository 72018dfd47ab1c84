// SPDX-License-Identifier: Apache-2.0
//
// The answers of `explain` as JSON. Layer `report`; pure.
//
// The document begins as every report (`format_version`, `tool`, `command`), goes on with `host`,
// `started`, `duration_ms`, `policy`, perhaps `error`, and `warnings`, and ends with `paths`, an
// object for each path:
//
//   path, path_b64, resolved   as in a finding
//   type         of the object; `absent` also where it could not be looked at
//   error        why it could not be looked at; else not there
//   as_type      the type of object whose rules are told, where `type` is `absent`
//   rules        those in force whose paths match, strongest first: rule, severity, source (of the
//                rule), kind (literal, glob, recursion), rule_path, enforce; `says`: aspect to
//                text; `clauses`: aspect, says, source (of the key), decides (true, false, or
//                "part"), of a mode or of attributes `bits` and `decided_bits` (four octal digits,
//                or names), and `outranked_by`: rule, source and such bits; `note`: why it says
//                nothing
//   not_in_force the same of rules that are disabled, whose `when` does not hold, or whose path
//                could not be verified; `note` says which, and nothing decides
//   decided      what the rules together demand, compared: aspect, rule, source, expected, actual,
//                status, message, and such bits
//   compared     false where the type is wrong: then nothing else was compared
//   waivers      of what was decided: rule (glob), path, aspects, reason, approved_by, expires,
//                expired, source
//   stopped_at   mount points on the way at which recursions stopped
//   rules_below  whether some rule speaks of what lies below
//   nearest      where no rule speaks of the path: the nearest path of which one does, or null
#pragma once

#include "model/explanation.hpp"
#include "report/sink.hpp"

namespace permward {

void write_explain_json(const ExplainReport& report, Sink& sink);

// A line a path, event `explanation`, and a last one, event `summary`, with the rest.
void write_explain_jsonl(const ExplainReport& report, Sink& sink);

}  // namespace permward
