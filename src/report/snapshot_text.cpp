// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/words.hpp"
#include "report/diff_text.hpp"
#include "report/escape.hpp"
#include "report/snapshot_report.hpp"
#include "report/table.hpp"
#include "report/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

using Answer = SnapshotReport::Answer;

constexpr std::array<std::string_view, 5> list_headings = {"snapshot", "kind", "objects", "bytes",
                                                           "host"};
constexpr std::array<std::size_t, 6> list_gaps = {2, 2, 2, 2, 2, 0};  // and what is wrong with it
constexpr std::array<std::size_t, 4> object_gaps = {2, 2, 2, 0};      // mode, owners, size, path

std::string_view word(SnapshotKind kind) {
  return snapshot_kind_names[static_cast<std::size_t>(kind)];
}

std::vector<Cell> row_of(const ListedSnapshot& one, Color color) {
  std::vector<Cell> row(list_gaps.size(), Cell(color));
  row[0].add(one.id, Style::bold);
  row[1].add(one.holds ? word(one.holds->kind) : "unknown", Style::plain);
  row[2].add(one.holds ? std::to_string(one.objects) : "unknown");
  row[3].add(std::to_string(one.bytes));
  if (one.holds) row[4].add(shown_path(one.holds->host));
  if (!one.damage.empty()) row[5].add(shown_text(one.damage), Style::bad);
  if (!one.recorded) row[5].add("no digest of it was written down", Style::notice);
  return row;
}

std::string snapshots_table(const std::vector<ListedSnapshot>& all, Color color) {
  if (all.empty()) return "";
  Table table({list_gaps.begin(), list_gaps.end()}, 0);
  std::vector<Cell> head(list_gaps.size(), Cell(color));
  for (std::size_t i = 0; i < list_headings.size(); ++i) head[i].add(list_headings[i], Style::dim);
  table.add(std::move(head));
  for (const ListedSnapshot& one : all) table.add(row_of(one, color));
  return table.text(0);
}

std::string who(const std::string& name, std::uint32_t id) {
  return name.empty() ? std::to_string(id) : shown_path(name);
}

std::vector<Cell> row_of(const SnapshotObject& object, Color color) {
  const ObjectState& state = object.state;
  std::vector<Cell> row(object_gaps.size(), Cell(color));
  row[0].add(state.type == Type::symlink ? std::string(name(state.type)) : mode_text(state.mode));
  row[1].add(who(object.owner_name, state.owner) + ":" + who(object.group_name, state.group));
  row[2].add(state.type == Type::file ? std::to_string(object.size) : name(state.type));
  row[3].add(shown_path(object.path), Style::bold);
  if (state.type == Type::symlink) row[3].add(" → " + shown_path(state.target));
  return row;
}

std::string objects_table(const std::vector<SnapshotObject>& objects, Color color) {
  if (objects.empty()) return "";
  Table table({object_gaps.begin(), object_gaps.end()}, 0);
  for (const SnapshotObject& object : objects) table.add(row_of(object, color));
  return table.text(0);
}

std::string not_taken_text(const MadeSnapshot& made, std::string_view what, Color color) {
  std::string out;
  for (const NotTaken& one : made.not_taken) {
    Cell line(color);
    line.add(shown_path(one.path), Style::bold);
    line.add("  " + std::string(what), Style::bad);
    line.add("  " + shown_text(one.why));
    out += line.text() + '\n';
  }
  return out;
}

Style style_of(SnapshotChange::What what) {
  if (what == SnapshotChange::What::added) return Style::good;
  return what == SnapshotChange::What::removed ? Style::bad : Style::notice;
}

// A line a change, and below it how the content differs.
std::string changes_text(const std::vector<SnapshotChange>& changes, Color color) {
  std::string out;
  for (const SnapshotChange& change : changes) {
    Cell line(color);
    line.add(shown_path(change.path), Style::bold);
    line.add("  ");
    line.add(snapshot_change_names[static_cast<std::size_t>(change.what)], style_of(change.what));
    for (const std::string& detail : change.details) {
      line.add((&detail == &change.details.front() ? "  " : ", ") + shown_text(detail));
    }
    if (!change.withheld.empty()) {
      line.add((change.details.empty() ? "  " : "; ") + shown_text(change.withheld));
    }
    out += line.text() + '\n' + shown_diff(change.diff, 0, color);
  }
  return out;
}

std::string body(const SnapshotReport& report, Color color) {
  switch (report.answer) {
    case Answer::made:
      return not_taken_text(report.made, "not taken", color);
    case Answer::differences:
      return not_taken_text(report.made, "not seen", color) + changes_text(report.changes, color);
    case Answer::manifest:
      return objects_table(report.manifest.objects, color);
    case Answer::pruned:
      return "";
    case Answer::list:
    case Answer::verified:
      break;
  }
  return snapshots_table(report.snapshots, color);
}

std::string made_verdict(const MadeSnapshot& made) {
  std::string out;
  if (made.imported) {
    return (made.is_new ? "Taken into the store: " : "It is in the store already: ") +
           counted(made.objects, "object") + ", the snapshot " + made.id + "." +
           (made.compared_with ? " It is the newest: checks compare with it." : "");
  }
  if (made.interrupted) return "Interrupted: nothing was accepted.";
  if (made.is_new) {
    out = "Accepted as it is: " + counted(made.objects, "object") + ", in the snapshot " + made.id +
          ".";
  } else if (made.id.empty()) {
    out = "There was nothing to accept.";
  } else {
    out = "Nothing has changed since the snapshot " + made.id + ".";
  }
  if (!made.not_taken.empty()) {
    out += " " + counted(made.not_taken.size(), "object") + " could not be taken.";
  }
  return out;
}

// An object may differ in two ways.
std::size_t objects_of(const std::vector<SnapshotChange>& changes) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (i == 0 || changes[i].path != changes[i - 1].path) ++out;
  }
  return out;
}

std::string differences_verdict(const SnapshotReport& report) {
  const std::string since = " since the snapshot " + report.made.id;
  if (report.made.interrupted) return "Interrupted: not all was looked at.";
  const std::size_t changed = objects_of(report.changes);
  const std::size_t unseen = report.made.not_taken.size();
  std::string out = unseen == 0 ? "" : counted(unseen, "object") + " could not be looked at. ";
  if (changed == 0) {
    return out + (unseen == 0 ? "Nothing" : "Nothing else") + " has changed" + since + ".";
  }
  out += counted(changed, "object") + (changed == 1 ? " has" : " have") + " changed" + since + ".";
  if (unseen != 0) return out;
  return out + " `permward snapshot create` accepts what is there, " +
         "`permward restore -n PATH` shows the way back.";
}

std::uint64_t damaged(const SnapshotReport& report) {
  return static_cast<std::uint64_t>(
      std::count_if(report.snapshots.begin(), report.snapshots.end(),
                    [](const ListedSnapshot& one) { return !one.damage.empty(); }));
}

std::string not_all(const SnapshotReport& report) {
  return report.interrupted ? "Interrupted, this is not all: " : "";
}

std::string list_verdict(const SnapshotReport& report) {
  if (report.snapshots.empty() && report.interrupted) {
    return "Interrupted: no snapshot was read to the end.";
  }
  if (report.snapshots.empty() && !report.of_path.empty()) {
    return "No snapshot in " + printable(report.place) + " has " + printable(report.of_path) + ".";
  }
  if (report.snapshots.empty()) return "There is no snapshot in " + printable(report.place) + ".";
  std::string out = not_all(report) + counted(report.snapshots.size(), "snapshot");
  out += report.answer == Answer::verified ? " read to the end" : "";
  const std::uint64_t bad = damaged(report);
  if (bad == 0 && report.answer == Answer::verified) return out + ": whole.";
  return bad == 0 ? out + "." : out + ", " + std::to_string(bad) + " damaged.";
}

std::string snapshot_verdict(const SnapshotReport& report) {
  switch (report.answer) {
    case Answer::made:
      return made_verdict(report.made);
    case Answer::differences:
      return differences_verdict(report);
    case Answer::manifest:
      return counted(report.manifest.objects.size(), "object") + " in the snapshot " +
             report.manifest.id + ", " + std::string(word(report.manifest.kind)) + ".";
    case Answer::pruned:
      return not_all(report) + counted(report.removed.size(), "snapshot") + " removed, " +
             std::to_string(report.kept) + " kept" +
             (report.damaged.empty()
                  ? "."
                  : ", of which " + std::to_string(report.damaged.size()) + " damaged.");
    case Answer::list:
    case Answer::verified:
      break;
  }
  return list_verdict(report);
}

}  // namespace

void write_snapshots_text(const SnapshotReport& report, const TextOptions& options, Sink& sink) {
  const bool bad = report.error || damaged(report) > 0 || !report.damaged.empty() ||
                   !report.made.not_taken.empty() || report.made.interrupted || report.interrupted;
  if (!report.error && options.detail == TextOptions::Detail::everything) {
    sink.write(body(report, options.color));
  }
  const std::string last = report.error ? not_ended(*report.error) : snapshot_verdict(report);
  sink.write(styled(last, bad ? Style::bad : Style::plain, options.color) + '\n');
}

}  // namespace permward
