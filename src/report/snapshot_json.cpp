// SPDX-License-Identifier: Apache-2.0
#include "report/escape.hpp"
#include "report/json_lines.hpp"
#include "report/json_values.hpp"
#include "report/snapshot_report.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace permward {
namespace {

using Answer = SnapshotReport::Answer;

Json time_json(std::int64_t seconds) {
  return timestamp(std::chrono::system_clock::time_point(std::chrono::seconds(seconds)));
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(json_text(text));
}

// Of one that could not be read, what is known.
Json snapshot_json(const ListedSnapshot& one) {
  const Manifest unknown;
  const Manifest& holds = one.holds ? *one.holds : unknown;
  const auto kind = snapshot_kind_names[static_cast<std::size_t>(holds.kind)];
  return {{"id", json_text(one.id)},
          {"kind", one.holds ? kind : "unknown"},
          {"time", one.holds ? time_json(holds.time) : Json(nullptr)},
          {"host", json_text(holds.host)},
          {"objects", one.objects},
          {"bytes", one.bytes},
          {"policy_digest", text_or_null(holds.policy_digest)},
          {"damage", text_or_null(one.damage)},
          {"recorded", one.recorded}};
}

Json not_taken_json(const NotTaken& one) {
  Json out = Json::object();
  add_path(out, one.path);
  out["why"] = json_text(one.why);
  return out;
}

Json difference_json(const SnapshotChange& change) {
  Json out = Json::object();
  add_path(out, change.path);
  out["what"] = snapshot_change_names[static_cast<std::size_t>(change.what)];
  out["type"] = name(change.type);
  out["details"] = texts_json(change.details);
  if (!change.diff.empty()) out["diff"] = json_lines(change.diff);
  if (!change.withheld.empty()) out["withheld"] = json_text(change.withheld);
  return out;
}

void add_compared(const MadeSnapshot& made, Json& out) {
  out["snapshot"] = text_or_null(made.id);
  if (made.interrupted) out["interrupted"] = true;
}

Json head(const SnapshotReport& report) {
  Json out = head_json("snapshot", report.version);
  out["warnings"] = diagnostics_json(report.warnings);
  if (report.interrupted) out["interrupted"] = true;
  return out;
}

void add_made(const MadeSnapshot& made, Json& out) {
  out["snapshot"] = text_or_null(made.id);
  out["new"] = made.is_new;
  out["objects"] = made.objects;
  if (made.interrupted) out["interrupted"] = true;
}

// The manifest's own members, but for its version, whose name is the report's.
void add_manifest(const std::string& text, Json& out) {
  Json manifest = Json::parse(text);
  out["manifest_version"] = manifest["format_version"];
  manifest.erase("format_version");
  for (auto& [key, value] : manifest.items()) out[key] = std::move(value);
}

}  // namespace

void write_snapshots_json(const SnapshotReport& report, Sink& sink) {
  Json members = head(report);
  if (report.error) members["error"] = error_json(*report.error);
  switch (report.answer) {
    case Answer::made:
      add_made(report.made, members);
      write_members(members, sink);
      write_list("not_taken", report.made.not_taken, not_taken_json, sink);
      break;
    case Answer::differences:
      add_compared(report.made, members);
      write_members(members, sink);
      write_list("not_seen", report.made.not_taken, not_taken_json, sink);
      sink.write(",\n");
      write_list("changes", report.changes, difference_json, sink);
      break;
    case Answer::manifest: {
      if (!report.manifest_text.empty()) add_manifest(report.manifest_text, members);
      const Json objects = members.value("objects", Json::array());
      members.erase("objects");
      write_members(members, sink);
      write_list(
          "objects", objects, [](const Json& object) { return object; }, sink);
      break;
    }
    case Answer::pruned:
      members["kept"] = report.kept;
      members["damaged"] = report.damaged;
      write_members(members, sink);
      write_list(
          "removed", report.removed, [](const std::string& id) { return json_text(id); }, sink);
      break;
    case Answer::list:
    case Answer::verified:
      members["dropped"] = report.dropped;
      write_members(members, sink);
      write_list("snapshots", report.snapshots, snapshot_json, sink);
      break;
  }
  sink.write("\n}\n");
}

void write_snapshots_jsonl(const SnapshotReport& report, Sink& sink) {
  Json rest = head(report);
  if (report.answer == Answer::made) {
    for (const auto& one : report.made.not_taken) {
      write_event("not_taken", not_taken_json(one), sink);
    }
    add_made(report.made, rest);
  } else if (report.answer == Answer::differences) {
    for (const auto& one : report.made.not_taken) {
      write_event("not_seen", not_taken_json(one), sink);
    }
    for (const auto& one : report.changes) write_event("change", difference_json(one), sink);
    add_compared(report.made, rest);
  } else if (report.answer == Answer::manifest) {
    if (!report.manifest_text.empty()) add_manifest(report.manifest_text, rest);
    for (const Json& object : rest.value("objects", Json::array())) {
      write_event("object", object, sink);
    }
    rest.erase("objects");
  } else if (report.answer == Answer::pruned) {
    for (const std::string& id : report.removed) {
      write_event("removed", {{"id", json_text(id)}}, sink);
    }
    rest["kept"] = report.kept;
    rest["damaged"] = report.damaged;
  } else {
    for (const ListedSnapshot& one : report.snapshots) {
      write_event("snapshot", snapshot_json(one), sink);
    }
    rest["dropped"] = report.dropped;
  }
  if (report.error) rest["error"] = error_json(*report.error);
  write_event("summary", rest, sink);
}

}  // namespace permward
