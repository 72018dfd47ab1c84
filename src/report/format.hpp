// SPDX-License-Identifier: Apache-2.0
//
// The formats of a report, by name. A new one is a row here and a writer. Layer `report`; pure.
#pragma once

#include "model/diagnostic.hpp"
#include "model/explanation.hpp"
#include "model/run.hpp"
#include "model/run_log.hpp"
#include "model/snapshot_report.hpp"
#include "model/validation.hpp"
#include "report/change_source.hpp"
#include "report/sink.hpp"
#include "report/text.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

enum class Format : unsigned char { text, json, jsonl };
inline constexpr std::array<std::string_view, 3> format_names = {"text", "json", "jsonl"};

[[nodiscard]] std::optional<Format> format_named(std::string_view name);

// `options` are those of the formats for people.
void write_report(Format format, const RunReport& report, const TextOptions& options, Sink& sink);

// The same of `explain`.
void write_explanations(Format format, const ExplainReport& report, const TextOptions& options,
                        Sink& sink);

// And of `log`; `changes` are those of the run that was asked for, null where none was.
void write_log(Format format, const LogReport& report, ChangeSource* changes,
               const TextOptions& options, Sink& sink);

// And of `snapshot`.
void write_snapshots(Format format, const SnapshotReport& report, const TextOptions& options,
                     Sink& sink);

// And of `validate`.
void write_validation(Format format, const Validation& validation, const TextOptions& options,
                      Sink& sink);

// What a report is of a run that the policy's mistakes kept from beginning. Formats for people have
// nothing here: mistakes go to stderr (`report/diagnostics.hpp`).
void write_errors(Format format, const std::string& command, const std::string& version,
                  const Diagnostics& errors, Sink& sink);

}  // namespace permward
