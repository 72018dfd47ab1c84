// SPDX-License-Identifier: Apache-2.0
//
// The values of a report as JSON: what `json` and `jsonl` have in common. Layer `report`, and
// private to it, for it shows nlohmann-json.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/finding.hpp"
#include "model/policy.hpp"
#include "model/pos.hpp"
#include "model/run.hpp"
#include "model/validation.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace permward {

using Json = nlohmann::ordered_json;  // members in the order of the report

// On one line, in ASCII: neither a control character nor a bidirectional one is in the file, while
// every parser gives the name back as it is. Never throws, for every string came through
// `json_text`.
[[nodiscard]] std::string dump(const Json& value);

[[nodiscard]] Json texts_json(const std::vector<std::string>& texts);

[[nodiscard]] Json finding_json(const Policy& policy, const Finding& finding);

// What would be done to one object.
[[nodiscard]] Json planned_json(const PlannedObject& planned);

[[nodiscard]] Json diagnostics_json(const Diagnostics& diagnostics);

// `format_version`, `tool`, `command`: what every document begins with.
[[nodiscard]] Json head_json(const std::string& command, const std::string& version);

// Where and when, and by what policy: `host`, `started`, `duration_ms`, `policy`.
void add_circumstances(Json& out, const RunReport& report);

[[nodiscard]] Json error_json(const Error& error);

[[nodiscard]] Json source_json(const Policy& policy, const Pos& pos);

// "2026-11-22T10:00:00.123Z".
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point time);

// `path`, and `path_b64` where it is not UTF-8.
void add_path(Json& out, const std::string& path);

// All of a report but its findings.
[[nodiscard]] Json run_json(const RunReport& report);

// All of a validation but `errors` and `valid`.
[[nodiscard]] Json validation_json(const Validation& validation);

}  // namespace permward
