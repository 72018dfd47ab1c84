// SPDX-License-Identifier: Apache-2.0
#include "report/jsonl.hpp"

#include "report/json_lines.hpp"
#include "report/json_values.hpp"

namespace permward {

void write_jsonl(const RunReport& report, Sink& sink) {
  for (const Finding& finding : report.findings) {
    write_event("finding", finding_json(*report.policy, finding), sink);
  }
  for (const PlannedObject& planned : report.plan) {
    write_event("plan", planned_json(planned), sink);
  }
  write_event("summary", run_json(report), sink);
}

void write_jsonl_errors(const std::string& command, const std::string& version,
                        const Diagnostics& errors, Sink& sink) {
  Json members = head_json(command, version);
  members["errors"] = diagnostics_json(errors);
  write_event("errors", members, sink);
}

void write_jsonl(const Validation& validation, Sink& sink) {
  Json members = validation_json(validation);
  members["errors"] = diagnostics_json(validation.diagnostics);
  members["valid"] = validation.valid();
  write_event("errors", members, sink);
}

}  // namespace permward
