// SPDX-License-Identifier: Apache-2.0
// Compares permward with programs that do the least that the same work takes. All are processes of
// their own, or parts of this one, and take turns, so that a machine that gets slower gets slower
// for all. Prints medians and their ratio; asserts nothing of time.
#include "bench/cases.hpp"
#include "bench/inner.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/stopped.hpp"
#include "bench/tree.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

namespace permward::bench {
namespace {

struct Part {
  std::string_view name;
  void (*compare)(const Options&, const Tree&, const Show&);
  bool needs_files = true;
  bool changes_owners = false;
};
constexpr Part parts[] = {
    {.name = "check", .compare = compare_checks},
    {.name = "violations", .compare = compare_violations},
    {.name = "rules", .compare = compare_rules},
    {.name = "literals", .compare = compare_literals},
    {.name = "peers", .compare = compare_peers},
    {.name = "hash", .compare = compare_hashes, .needs_files = false},
    {.name = "debian-base", .compare = compare_debian_base, .needs_files = false},
    {.name = "journal", .compare = compare_journal, .changes_owners = true},
    {.name = "apply", .compare = compare_applies, .changes_owners = true}};

constexpr auto part_names = [] {
  std::array<std::string_view, std::size(parts)> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = parts[i].name;
  return out;
}();

bool wanted(const Options& options, const Part& part) {
  const auto& only = options.only;
  return only.empty() || std::find(only.begin(), only.end(), part.name) != only.end();
}

std::size_t files_needed(const Options& options) {
  const bool needed = std::any_of(std::begin(parts), std::end(parts), [&](const Part& part) {
    return part.needs_files && wanted(options, part);
  });
  return needed ? options.files : 0;
}

void run_parts(const Options& options, const Tree& tree, Report& report) {
  for (const Part& part : parts) {
    if (!wanted(options, part)) continue;
    if (part.changes_owners && geteuid() != 0) {
      std::cout << "\n" << part.name << ": left out, it takes root\n";
      continue;
    }
    part.compare(options, tree, [&report](const Comparison& done) {
      print(std::cout, done);
      report.comparisons.push_back(done);
    });
  }
}

void add_versions(const Tree& tree, Report& report) {
  std::set<std::string> packages;
  for (const Comparison& one : report.comparisons) {
    for (const Side& side : one.sides) packages.insert(side.package);
  }
  packages.erase("");
  for (const std::string& package : packages) {
    report.versions.emplace_back(package, package_version(tree.base(), package));
  }
}

// Before anything is measured, lest it be measured in vain. An older report stays until the end.
void require_writable(const std::string& file) {
  if (!file.empty() && !std::ofstream(file, std::ios::app)) {
    throw std::runtime_error("cannot write " + file);
  }
}

void write(const std::string& file, const Report& report,
           void (*write_report)(std::ostream&, const Report&)) {
  if (file.empty()) return;
  std::ofstream out(file);
  write_report(out, report);
  if (!out.flush()) throw std::runtime_error("cannot write " + file);
}

void compare(const Options& options) {
  require_writable(options.json);
  require_writable(options.markdown);
  catch_signals();
  const Tree tree(options.directory, files_needed(options));
  Report report;
  report.machine = describe_machine(tree.base(), options.permward);
  report.files = tree.files();
  report.directories = tree.directories();
  report.rounds = options.rounds;
  std::cout << tree.files() << " files in " << tree.directories() << " directories below "
            << options.directory << "; medians of " << options.rounds
            << " rounds (lowest-highest), and how many times the first of each table\n";
  if (geteuid() != 0) {
    std::cout << "not as root: check opens every object, for others own the tree\n";
  }
  run_parts(options, tree, report);
  add_versions(tree, report);
  write(options.json, report, write_json);
  write(options.markdown, report, write_markdown);
}

int run(int argc, char** argv) {
  try {
    if (const std::optional<int> status = run_inner(argc, argv)) return *status;
    const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
    const Options options = parse_options(arguments.subspan(1), part_names);
    if (options.help) {
      std::cout << usage(part_names);
    } else {
      compare(options);
    }
    return 0;
  } catch (const Usage& mistake) {
    std::cerr << "bench: " << mistake.what() << '\n' << usage(part_names);
    return 64;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace
}  // namespace permward::bench

int main(int argc, char** argv) { return permward::bench::run(argc, argv); }
