// SPDX-License-Identifier: Apache-2.0
#include "report/log_text.hpp"

#include "base/text.hpp"
#include "base/words.hpp"
#include "report/escape.hpp"
#include "report/table.hpp"
#include "report/verdict.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

using State = LoggedRun::State;

constexpr std::array<std::string_view, 6> headings = {"run",     "started (UTC)", "user",
                                                      "objects", "result",        "command"};
constexpr std::array<std::size_t, 6> run_gaps = {2, 2, 2, 2, 2, 0};
constexpr std::array<std::size_t, 3> aspect_gaps = {2, 3, 0};  // aspect, values, note

// "2026-11-26 10:15:00"
std::string time_text(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{} {:02}:{:02}:{:02}", date_text(std::chrono::year_month_day(day)),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// An undo is not about the policy, but about what it was to take back.
std::string words(const LoggedRun& run) {
  const bool undoes = run.command == "undo";
  switch (run.state) {
    case State::unfinished:
      return "at work or killed";
    case State::killed:
      return "killed";
    case State::in_policy:
      return undoes ? "all taken back" : "in policy";
    case State::out_of_policy:
      break;
  }
  return undoes ? "not all taken back" : "out of policy";
}

Style style_of(State state) {
  if (state == State::in_policy) return Style::good;
  return state == State::out_of_policy ? Style::bad : Style::notice;
}

// ", 6 corrected, 1 refused"
std::string counts_text(const LoggedRun& run) {
  std::string out;
  const auto add = [&out](std::uint64_t count, std::string_view what) {
    if (count > 0) out.append(", ").append(std::to_string(count)).append(what);
  };
  add(run.corrected, " corrected");
  add(run.refused, " refused");
  add(run.failed, " failed");
  return out;
}

std::vector<Cell> heading_row(Color color) {
  std::vector<Cell> row(headings.size(), Cell(color));
  for (std::size_t i = 0; i < headings.size(); ++i) row[i].add(headings[i], Style::dim);
  return row;
}

std::vector<Cell> row_of(const LoggedRun& run, Color color) {
  std::vector<Cell> row(headings.size(), Cell(color));
  row[0].add(shown_path(run.id), Style::bold);
  row[1].add(time_text(run.started));
  row[2].add(shown_path(run.user));
  row[3].add(std::to_string(run.objects));
  row[4].add(words(run), style_of(run.state));
  row[4].add(counts_text(run));
  row[5].add(shown_path(run.command_line));
  return row;
}

std::string runs_text(const std::vector<LoggedRun>& runs, Color color) {
  if (runs.empty()) return "";
  Table table({run_gaps.begin(), run_gaps.end()}, 0);
  table.add(heading_row(color));
  for (const LoggedRun& run : runs) table.add(row_of(run, color));
  return table.text(0);
}

std::string runs_verdict(const LogReport& report) {
  const std::size_t count = report.runs.size();
  if (count == 0) {
    return "No run has changed anything yet: none is remembered in " + printable(report.place) +
           ".";
  }
  return counted(count, "run") + (count == 1 ? " has" : " have") +
         " changed something. `permward log RUN` shows what.";
}

Style style_of_outcome(std::string_view outcome) {
  if (outcome == unknown_outcome) return Style::notice;
  return outcome == "failed" ? Style::bad : Style::good;
}

std::vector<Cell> row_of(const LoggedAspect& aspect, Color color) {
  std::vector<Cell> row(aspect_gaps.size(), Cell(color));
  row[0].add(name(aspect.aspect));
  row[1].add(shown_text(aspect.before) + " → ");
  if (aspect.after) {
    row[1].add(shown_text(*aspect.after));
  } else {
    row[1].add("unknown", Style::notice);
  }
  if (aspect.after == aspect.intended) return row;
  row[2].add("was to be " + shown_text(aspect.intended), Style::notice);
  return row;
}

std::string block_text(const LoggedObject& object, Color color) {
  Cell head(color);
  head.add(shown_path(object.path), Style::bold);
  head.add("  ");
  head.add(shown_text(object.outcome), style_of_outcome(object.outcome));
  Table table({aspect_gaps.begin(), aspect_gaps.end()}, narrowest_aspect);
  for (const LoggedAspect& aspect : object.aspects) table.add(row_of(aspect, color));
  return head.text() + '\n' + table.text(block_indent);
}

std::string run_head(const LoggedRun& run, Color color) {
  Cell out(color);
  out.add(shown_path(run.id), Style::bold);
  out.add("  " + time_text(run.started) + " UTC  " + shown_path(run.user) + "  " +
          shown_path(run.command_line));
  return out.text() + '\n';
}

std::string takes_back(const LoggedRun& run) {
  return " `permward undo " + run.id + "` takes it back.";
}

std::string run_verdict(const LoggedRun& run) {
  const std::string objects = counted(run.objects, "object");
  switch (run.state) {
    case State::unfinished:
      return "It is at work, or was killed: " + objects + " so far.";
    case State::killed:
      return "It was killed: " + objects + ". Nobody has seen what is unknown." + takes_back(run);
    case State::in_policy:
    case State::out_of_policy:
      break;
  }
  std::string end = words(run);
  end.front() = static_cast<char>(end.front() - 'a' + 'A');
  return end + " at its end: " + objects + counts_text(run) + "." + takes_back(run);
}

}  // namespace

void write_log_text(const LogReport& report, ChangeSource* changes, const TextOptions& options,
                    Sink& sink) {
  const auto end = [&](const std::string& verdict, Style style) {
    sink.write(styled(verdict, style, options.color) + '\n');
  };
  if (report.error) return end(not_ended(*report.error), Style::bad);
  const bool all = options.detail == TextOptions::Detail::everything;
  if (changes == nullptr) {
    if (all) sink.write(runs_text(report.runs, options.color));
    return end(runs_verdict(report), Style::plain);
  }
  const LoggedRun& run = report.runs.front();
  if (all) {
    sink.write(run_head(run, options.color));
    changes->begin();
    while (const LoggedObject* object = changes->next()) {
      sink.write(block_text(*object, options.color));
    }
    if (changes->error()) return end(not_ended(*changes->error()), Style::bad);
  }
  end(run_verdict(run), style_of(run.state));
}

}  // namespace permward
