// SPDX-License-Identifier: Apache-2.0
//
// The answers of `snapshot`, for people and for programs. Layer `report`; pure.
#pragma once

#include "model/snapshot_report.hpp"
#include "report/sink.hpp"
#include "report/text.hpp"

namespace permward {

// A table, or what was made and what could not be; then the verdict. `options.detail` `verdict`:
// that alone.
void write_snapshots_text(const SnapshotReport& report, const TextOptions& options, Sink& sink);

// One document.
void write_snapshots_json(const SnapshotReport& report, Sink& sink);

// A line for each generation, object, or path that could not be taken; then a `summary`.
void write_snapshots_jsonl(const SnapshotReport& report, Sink& sink);

}  // namespace permward
