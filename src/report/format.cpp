// SPDX-License-Identifier: Apache-2.0
#include "report/format.hpp"

#include "report/explain_json.hpp"
#include "report/explain_text.hpp"
#include "report/json.hpp"
#include "report/jsonl.hpp"
#include "report/log_json.hpp"
#include "report/log_text.hpp"
#include "report/snapshot_report.hpp"

namespace permward {

std::optional<Format> format_named(std::string_view name) {
  for (std::size_t i = 0; i < format_names.size(); ++i) {
    if (format_names[i] == name) return static_cast<Format>(i);
  }
  return std::nullopt;
}

void write_report(Format format, const RunReport& report, const TextOptions& options, Sink& sink) {
  switch (format) {
    case Format::text:
      return write_text(report, options, sink);
    case Format::json:
      return write_json(report, sink);
    case Format::jsonl:
      return write_jsonl(report, sink);
  }
}

void write_explanations(Format format, const ExplainReport& report, const TextOptions& options,
                        Sink& sink) {
  switch (format) {
    case Format::text:
      return write_explain_text(report, options, sink);
    case Format::json:
      return write_explain_json(report, sink);
    case Format::jsonl:
      return write_explain_jsonl(report, sink);
  }
}

void write_log(Format format, const LogReport& report, ChangeSource* changes,
               const TextOptions& options, Sink& sink) {
  switch (format) {
    case Format::text:
      return write_log_text(report, changes, options, sink);
    case Format::json:
      return write_log_json(report, changes, sink);
    case Format::jsonl:
      return write_log_jsonl(report, changes, sink);
  }
}

void write_snapshots(Format format, const SnapshotReport& report, const TextOptions& options,
                     Sink& sink) {
  switch (format) {
    case Format::text:
      return write_snapshots_text(report, options, sink);
    case Format::json:
      return write_snapshots_json(report, sink);
    case Format::jsonl:
      return write_snapshots_jsonl(report, sink);
  }
}

void write_validation(Format format, const Validation& validation, const TextOptions& options,
                      Sink& sink) {
  switch (format) {
    case Format::text:
      return write_text(validation, options, sink);
    case Format::json:
      return write_json(validation, sink);
    case Format::jsonl:
      return write_jsonl(validation, sink);
  }
}

void write_errors(Format format, const std::string& command, const std::string& version,
                  const Diagnostics& errors, Sink& sink) {
  switch (format) {
    case Format::text:
      return;
    case Format::json:
      return write_json_errors(command, version, errors, sink);
    case Format::jsonl:
      return write_jsonl_errors(command, version, errors, sink);
  }
}

}  // namespace permward
