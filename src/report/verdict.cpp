// SPDX-License-Identifier: Apache-2.0
#include "report/verdict.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "model/codes.hpp"
#include "report/error_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t most_mounts_named = 10;

// Out of policy when it was seen first, whatever has become of it.
bool told_of(Status status) {
  switch (status) {
    case Status::violation:
    case Status::corrected:
    case Status::would_correct:
    case Status::refused:
    case Status::failed:
      return true;
    default:
      return false;
  }
}

// Findings are sorted by the paths of their rules, of which several can lead to one object.
std::size_t objects_told_of(const std::vector<Finding>& findings) {
  std::vector<const SharedPath*> objects;
  bool sorted = true;
  for (const Finding& finding : findings) {
    if (!told_of(finding.status)) continue;
    sorted = sorted && finding.resolved.empty();
    objects.push_back(&finding.object());
  }
  const auto before = [](const SharedPath* a, const SharedPath* b) { return *a < *b; };
  if (!sorted) std::sort(objects.begin(), objects.end(), before);
  const auto same = [](const SharedPath* a, const SharedPath* b) { return *a == *b; };
  const auto end = std::unique(objects.begin(), objects.end(), same);
  return static_cast<std::size_t>(end - objects.begin());
}

bool filtered(const RunReport& report) {
  return report.selection && report.selection->rules != report.rules;
}

// Of those that the filters leave.
std::string all_rules_text(const RunReport& report) {
  if (!filtered(report)) return counted(report.rules, "rule");
  return counted(report.selection->rules, "selected rule");
}

std::string applied_rules_text(const RunReport& report) {
  const std::uint64_t all = filtered(report) ? report.selection->rules : report.rules;
  if (report.rules_here != all) {
    return std::to_string(report.rules_here) + " of " + all_rules_text(report) + " apply here";
  }
  if (!filtered(report)) return counted(all, "rule");
  return std::to_string(all) + " of " + counted(report.rules, "rule") + " selected";
}

std::string rules_text(const RunReport& report) {
  const std::size_t paths = report.selection ? report.selection->paths.size() : 0;
  const std::string where = paths == 0 ? "" : ", " + counted(paths, "path") + " asked for";
  return " (" + applied_rules_text(report) + where + ")";
}

// Of a run that goes by no rules, what it does.
std::string_view done_by(const RunReport& report) {
  if (report.command == "undo") return "taken back";
  return report.command == "restore" ? "put back" : "";
}

// "2 violations", "7 corrected and 1 refused"; of undo "5 taken back and 1 left as found".
std::string counts_text(const RunReport& report) {
  const Summary& summary = report.summary;
  const std::string done(done_by(report));
  const bool by_rules = done.empty();
  std::vector<std::string> parts;
  const auto add = [&parts](std::uint64_t count, const std::string& what) {
    if (count > 0) parts.push_back(std::to_string(count) + what);
  };
  if (by_rules && summary.violations > 0) parts.push_back(counted(summary.violations, "violation"));
  add(summary.corrected, " " + (by_rules ? "corrected" : done));
  add(summary.would_correct, " would be " + (by_rules ? "corrected" : done));
  if (!by_rules) add(summary.violations, " left as found");
  add(summary.refused, " refused");
  add(summary.failed, " failed");
  return listed(parts, "and");
}

// What shows, or does, what this run has found to be done.
std::string next_command(const RunReport& report) {
  const Summary& summary = report.summary;
  if (report.interrupted) return "";
  if (report.command == "check" && summary.violations > 0) {
    return " `permward apply --dry-run` shows the correction.";
  }
  if (summary.would_correct == 0) return "";
  if (report.command == "restore") return " The same without --dry-run does it.";
  const bool undoes = report.command == "undo" && report.undone;
  return undoes ? " `permward undo " + *report.undone + "` does it." : " `permward apply` does it.";
}

std::string done_text(const RunReport& report) {
  const Summary& summary = report.summary;
  const bool damaged = std::any_of(
      report.warnings.begin(), report.warnings.end(),
      [](const Diagnostic& one) { return one.code == row(Code::damaged_snapshot).text; });
  const std::string counts = counts_text(report);
  std::string out = report.interrupted ? "Interrupted, this is not all: " : "";
  if (!counts.empty()) {
    out += counts + " in " + std::to_string(objects_told_of(report.findings)) + " of " +
           counted(summary.objects, "object");
  } else {
    const bool all = report.command == "restore" && summary.errors == 0 && !report.interrupted;
    const std::string none = report.interrupted ? "nothing " : "Nothing ";
    out += all ? "All is as it was accepted: " : none + std::string(done_by(report)) + " of ";
    out += counted(summary.objects, "object");
  }
  out += (report.undone ? " of the run " + *report.undone : "") + '.';
  return out + (damaged ? " A snapshot is damaged, and was passed over." : "");
}

std::string findings_text(const RunReport& report) {
  if (report.command == "undo" && !report.undone) {
    return "Nothing to undo: no run has changed anything.";
  }
  if (!done_by(report).empty()) return done_text(report);
  const Summary& summary = report.summary;
  if (report.rules_here == 0) {
    return "No rule applies here: of " + all_rules_text(report) + " no 'when' holds.";
  }
  std::string out = report.interrupted ? "Interrupted, this is not all: " : "";
  const std::string counts = counts_text(report);
  if (!counts.empty()) {
    out += counts + " in " + std::to_string(objects_told_of(report.findings)) + " of " +
           counted(summary.objects, "object");
  } else if (summary.objects == 0 && !report.interrupted) {
    // Where a stronger rule decides all of an object, what is there is not the selected one's.
    out += filtered(report) ? "0 objects: nothing is there that a selected rule decides"
                            : "0 objects: nothing that a rule speaks of is there";
  } else {
    out += std::string(report.interrupted ? "no" : "No") + " violations in " +
           counted(summary.objects, "object");
  }
  return out + rules_text(report) + ".";
}

// Those nearest to the root first: a separate /home must not hide behind a hundred containers.
std::string mounts_text(const std::vector<NotEntered>& not_entered) {
  std::vector<const NotEntered*> real;
  for (const NotEntered& mount : not_entered) {
    if (!mount.pseudo) real.push_back(&mount);
  }
  const auto depth = [](const NotEntered* mount) {
    return std::count(mount->path.begin(), mount->path.end(), '/');
  };
  std::stable_sort(real.begin(), real.end(), [depth](const NotEntered* a, const NotEntered* b) {
    return depth(a) < depth(b);
  });
  std::vector<std::string> parts;
  for (const NotEntered* mount : real) {
    if (parts.size() == most_mounts_named) break;
    parts.push_back(printable(mount->path) + " (" + printable(mount->filesystem) + ")");
  }
  if (real.size() > parts.size()) {
    parts.push_back(counted(real.size() - parts.size(), "other file system"));
  }
  if (const std::size_t pseudo = not_entered.size() - real.size(); pseudo > 0) {
    parts.push_back(counted(pseudo, "pseudo file system"));
  }
  return listed(parts, "and");
}

// "2 errors and 1 warning"; "more than 100 errors" where not all are shown. Empty: none.
std::string mistakes_text(const Diagnostics& diagnostics) {
  std::array<std::uint64_t, 2> counts{};
  std::array<bool, 2> more{};
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::size_t kind = diagnostic.severity == Diagnostic::Severity::error ? 0 : 1;
    const bool rest = diagnostic.code == row(Code::more_errors).text ||
                      diagnostic.code == row(Code::more_warnings).text;
    if (rest) {
      more[kind] = true;
    } else {
      ++counts[kind];
    }
  }
  std::vector<std::string> parts;
  const std::array<std::string_view, 2> nouns = {"error", "warning"};
  for (std::size_t kind = 0; kind < nouns.size(); ++kind) {
    if (counts[kind] == 0) continue;
    parts.push_back((more[kind] ? "more than " : "") + counted(counts[kind], nouns[kind]));
  }
  return listed(parts, "and");
}

}  // namespace

std::string not_ended(const Error& error) {
  return "The run did not come to its end: " + error_text(error) + ".";
}

std::string verdict(const RunReport& report) {
  if (report.error) return not_ended(*report.error);
  std::string out = findings_text(report);
  const Summary& summary = report.summary;
  if (summary.errors > 0) out += " " + std::to_string(summary.errors) + " could not be verified.";
  if (summary.waived > 0) out += " " + std::to_string(summary.waived) + " waived.";
  if (!report.not_entered.empty()) {
    out += " Not entered: " + mounts_text(report.not_entered) + ".";
  }
  return out + next_command(report);
}

std::string verdict(const Validation& validation) {
  if (validation.error) return not_ended(*validation.error);
  const std::string mistakes = mistakes_text(validation.diagnostics);
  const std::size_t read = validation.files.size();
  const std::string files = counted(read, "file");
  if (!validation.valid()) return "Invalid: " + mistakes + (read > 0 ? " in " + files : "") + ".";
  std::string out = "Valid: " + files + ", " + counted(validation.rules, "rule");
  if (validation.disabled > 0) out += " (" + std::to_string(validation.disabled) + " disabled)";
  if (!mistakes.empty()) out += ", " + mistakes;
  if (validation.rules == 0) out += "; a check would have nothing to look at";
  return out + ".";
}

}  // namespace permward
