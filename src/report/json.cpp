// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include "report/json_lines.hpp"
#include "report/json_values.hpp"

namespace permward {
namespace {

void write_errors(const Diagnostics& errors, Sink& sink) {
  const auto as_it_is = [](const Json& error) { return error; };
  write_list("errors", diagnostics_json(errors), as_it_is, sink);
}

}  // namespace

void write_json(const RunReport& report, Sink& sink) {
  write_members(run_json(report), sink);
  const auto to_json = [&report](const Finding& finding) {
    return finding_json(*report.policy, finding);
  };
  if (report.dry_run) {
    write_list("plan", report.plan, planned_json, sink);
    sink.write(",\n");
  }
  write_list("findings", report.findings, to_json, sink);
  sink.write("\n}\n");
}

void write_json_errors(const std::string& command, const std::string& version,
                       const Diagnostics& errors, Sink& sink) {
  write_members(head_json(command, version), sink);
  write_errors(errors, sink);
  sink.write("\n}\n");
}

void write_json(const Validation& validation, Sink& sink) {
  write_members(validation_json(validation), sink);
  write_errors(validation.diagnostics, sink);
  sink.write(",\n\"valid\": " + dump(validation.valid()) + "\n}\n");
}

}  // namespace permward
