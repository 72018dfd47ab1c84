// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace permward::bench {
namespace {

using Json = nlohmann::ordered_json;

// "median (lowest-highest)", in units of `unit`.
std::string spread_text(const Side& side, double Ran::*figure, double unit, int digits,
                        const char* dash) {
  const Spread values = spread(side, figure);
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << values.median / unit << " ("
       << values.lowest / unit << dash << values.highest / unit << ')';
  return text.str();
}

std::string memory_text(const Side& side, const char* dash, const char* none) {
  if (spread(side, &Ran::max_rss_kb).highest == 0) return none;
  return spread_text(side, &Ran::max_rss_kb, 1024, 0, dash);
}

std::string ratio_text(const Comparison& comparison, const Side& side, double Ran::*figure,
                       const char* none) {
  const double value = ratio(comparison, side, figure);
  if (!std::isfinite(value)) return none;
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << value;
  return text.str();
}

Json figure_json(const Side& side, double Ran::*figure) {
  const Spread values = spread(side, figure);
  Json out = {{"median", values.median}, {"lowest", values.lowest}, {"highest", values.highest}};
  for (const Ran& ran : side.rounds) out["rounds"].push_back(ran.*figure);
  return out;
}

Json side_json(const Comparison& comparison, const Side& side) {
  return {{"name", side.name},
          {"wall_ratio", ratio(comparison, side, &Ran::wall_s)},
          {"cpu_ratio", ratio(comparison, side, &Ran::cpu_s)},
          {"wall_s", figure_json(side, &Ran::wall_s)},
          {"cpu_s", figure_json(side, &Ran::cpu_s)},
          {"max_rss_kb", figure_json(side, &Ran::max_rss_kb)}};
}

Json comparison_json(const Comparison& comparison) {
  Json out = {{"work", comparison.work}, {"left_out", comparison.left_out}};
  for (const Side& side : comparison.sides) out["sides"].push_back(side_json(comparison, side));
  return out;
}

// 100000 as 100,000.
std::string grouped(std::size_t number) {
  const std::string digits = std::to_string(number);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void write_circumstances(std::ostream& out, const Report& report) {
  const Machine& machine = report.machine;
  out << "On " << machine.date << ": " << machine.cpus << " CPUs (" << machine.processor
      << "), Linux " << machine.kernel << ", " << machine.file_system << ", warm cache, as "
      << (machine.root ? "root" : "an ordinary user") << ", load " << std::fixed
      << std::setprecision(1) << machine.load << " at the beginning; " << machine.permward << "; ";
  if (report.files != 0) {
    out << grouped(report.files) << " files in " << grouped(report.directories) << " directories; ";
  }
  out << report.rounds
      << " rounds, medians (lowest–highest); a ratio is the median of the rounds' ratios.\n";
  const char* before = "Of others: ";
  for (const auto& [package, version] : report.versions) {
    out << before << package << ' ' << version;
    before = ", ";
  }
  if (!report.versions.empty()) out << ".\n";
}

}  // namespace

void print(std::ostream& out, const Comparison& comparison) {
  out << '\n'
      << comparison.work << '\n'
      << std::left << std::setw(42) << "" << std::setw(24) << "wall (s)" << std::setw(24)
      << "CPU (s)" << std::setw(18) << "RSS (MB)" << std::right << std::setw(7) << "wall x"
      << std::setw(8) << "CPU x" << '\n';
  for (const Side& side : comparison.sides) {
    out << "  " << std::left << std::setw(40) << side.name << std::setw(24)
        << spread_text(side, &Ran::wall_s, 1, 3, "-") << std::setw(24)
        << spread_text(side, &Ran::cpu_s, 1, 3, "-") << std::setw(18) << memory_text(side, "-", "-")
        << std::right << std::setw(7) << ratio_text(comparison, side, &Ran::wall_s, "-")
        << std::setw(8) << ratio_text(comparison, side, &Ran::cpu_s, "-") << std::endl;
  }
  if (!comparison.left_out.empty()) {
    out << "  not there: " << listed(comparison.left_out) << std::endl;
  }
}

void write_json(std::ostream& out, const Report& report) {
  const Machine& machine = report.machine;
  Json all = {{"date", machine.date},
              {"permward", machine.permward},
              {"cpus", machine.cpus},
              {"processor", machine.processor},
              {"kernel", machine.kernel},
              {"file_system", machine.file_system},
              {"cache", "warm"},
              {"root", machine.root},
              {"load", machine.load},
              {"files", report.files},
              {"directories", report.directories},
              {"rounds", report.rounds},
              {"versions", Json::object()},
              {"comparisons", Json::array()}};
  for (const auto& [package, version] : report.versions) all["versions"][package] = version;
  for (const Comparison& one : report.comparisons) {
    all["comparisons"].push_back(comparison_json(one));
  }
  out << all.dump(2) << '\n';
}

void write_markdown(std::ostream& out, const Report& report) {
  write_circumstances(out, report);
  out << "\n| Work | Who | Wall (s) | CPU (s) | Wall × | CPU × | RSS (MB) |\n"
      << "|---|---|---|---|---|---|---|\n";
  for (const Comparison& one : report.comparisons) {
    for (const Side& side : one.sides) {
      out << "| " << (&side == &one.sides.front() ? one.work : "") << " | " << side.name << " | "
          << spread_text(side, &Ran::wall_s, 1, 2, "–") << " | "
          << spread_text(side, &Ran::cpu_s, 1, 2, "–") << " | "
          << ratio_text(one, side, &Ran::wall_s, "–") << " | "
          << ratio_text(one, side, &Ran::cpu_s, "–") << " | " << memory_text(side, "–", "–")
          << " |\n";
    }
  }
  for (const Comparison& one : report.comparisons) {
    if (!one.left_out.empty()) {
      out << "\nNot there, for *" << one.work << "*: " << listed(one.left_out) << ".\n";
    }
  }
}

}  // namespace permward::bench
