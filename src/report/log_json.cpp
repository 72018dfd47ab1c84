// SPDX-License-Identifier: Apache-2.0
#include "report/log_json.hpp"

#include "report/escape.hpp"
#include "report/json_lines.hpp"
#include "report/json_values.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace permward {
namespace {

using State = LoggedRun::State;

std::string_view word(State state) {
  switch (state) {
    case State::unfinished:
      return "unfinished";
    case State::killed:
      return "killed";
    case State::in_policy:
      return "in_policy";
    case State::out_of_policy:
      break;
  }
  return "out_of_policy";
}

Json logged_run_json(const LoggedRun& run) {
  return {{"run", json_text(run.id)},
          {"started", timestamp(run.started)},
          {"finished", run.finished ? Json(timestamp(*run.finished)) : Json(nullptr)},
          {"state", word(run.state)},
          {"command", json_text(run.command)},
          {"command_line", json_text(run.command_line)},
          {"user", json_text(run.user)},
          {"uid", run.uid},
          {"in_policy", run.state == State::in_policy},
          {"counts",
           {{"objects", run.objects},
            {"corrected", run.corrected},
            {"refused", run.refused},
            {"failed", run.failed}}}};
}

Json change_json(const LoggedObject& object, const LoggedAspect& aspect) {
  Json out = Json::object();
  add_path(out, object.path);
  out["aspect"] = name(aspect.aspect);
  out["before"] = json_text(aspect.before);
  out["intended"] = json_text(aspect.intended);
  out["after"] = aspect.after ? Json(json_text(*aspect.after)) : Json(nullptr);
  out["outcome"] = json_text(object.outcome);
  return out;
}

void for_each_change(ChangeSource& changes, const std::function<void(const Json&)>& use) {
  changes.begin();
  while (const LoggedObject* object = changes.next()) {
    for (const LoggedAspect& aspect : object->aspects) use(change_json(*object, aspect));
  }
}

void write_changes(ChangeSource& changes, Sink& sink) {
  sink.write(",\n\"changes\": [");
  std::string_view separator = "\n";
  bool any = false;
  for_each_change(changes, [&](const Json& change) {
    sink.write(std::string(separator) + dump(change));
    separator = ",\n";
    any = true;
  });
  sink.write(any ? "\n]" : "]");
}

Json head(const LogReport& report) {
  Json out = head_json("log", report.version);
  out["warnings"] = diagnostics_json(report.warnings);
  return out;
}

// What ended it; null where nothing did.
const Error* error_of(const LogReport& report, const ChangeSource* changes) {
  if (report.error) return &*report.error;
  return changes != nullptr && changes->error() ? &*changes->error() : nullptr;
}

}  // namespace

void write_log_json(const LogReport& report, ChangeSource* changes, Sink& sink) {
  write_members(head(report), sink);
  write_list("runs", report.runs, logged_run_json, sink);
  if (changes != nullptr) write_changes(*changes, sink);
  if (const Error* error = error_of(report, changes)) {
    sink.write(",\n\"error\": " + dump(error_json(*error)));
  }
  sink.write("\n}\n");
}

void write_log_jsonl(const LogReport& report, ChangeSource* changes, Sink& sink) {
  for (const LoggedRun& run : report.runs) write_event("run", logged_run_json(run), sink);
  if (changes != nullptr) {
    for_each_change(*changes, [&](const Json& change) { write_event("change", change, sink); });
  }
  Json rest = head(report);
  if (const Error* error = error_of(report, changes)) rest["error"] = error_json(*error);
  write_event("summary", rest, sink);
}

}  // namespace permward
