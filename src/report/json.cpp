// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"

#include "report/json_values.hpp"

namespace permward {
namespace {

// The members of `object`, each on a line and with a comma after it, so that one more can follow.
void write_members(const Json& object, Sink& sink) {
  sink.write("{\n");
  for (const auto& member : object.items()) {
    sink.write(dump(Json(member.key())) + ": " + dump(member.value()) + ",\n");
  }
}

}  // namespace

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
