// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include "report/json_lines.hpp"
#include "report/json_values.hpp"

namespace permward {
void write_json(const RunReport& report, Sink& sink) {
  write_members(run_json(report), sink);
  sink.write("\"findings\": [");
  std::string separator = "\n";
  for (const Finding& finding : report.findings) {
    sink.write(separator + dump(finding_json(*report.policy, finding)));
    separator = ",\n";
  }
  sink.write(report.findings.empty() ? "]\n}\n" : "\n]\n}\n");
}

void write_json_errors(const std::string& command, const std::string& version,
                       const Diagnostics& errors, Sink& sink) {
  write_members(head_json(command, version), sink);
  sink.write("\"errors\": [");
  std::string separator = "\n";
  for (const Json& error : diagnostics_json(errors)) {
    sink.write(separator + dump(error));
    separator = ",\n";
  }
  sink.write("\n]\n}\n");
}

}  // namespace permward
