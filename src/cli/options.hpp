// SPDX-License-Identifier: Apache-2.0
//
// What was asked for on the command line, as values. Layer `cli`.
#pragma once

#include "model/pattern.hpp"
#include "model/rule.hpp"
#include "report/format.hpp"
#include "store/retention.hpp"

#include <optional>
#include <string>
#include <vector>

namespace permward {

enum class ColorWhen : unsigned char { automatic, always, never };

struct ReportTarget {
  Format format = Format::text;
  std::string file;  // `-` is stdout
};

struct Options {
  // Of every command.
  std::optional<std::string> root;    // as it was written; none: this host
  std::vector<std::string> policies;  // empty: the search path
  ReportTarget main{Format::text, "-"};
  std::vector<ReportTarget> reports;
  std::vector<std::string> tags;
  std::vector<Component> rules;  // globs on ids
  std::optional<Severity> severity;
  std::optional<std::string> state_dir;  // as it was written; none: that of the system
  std::optional<std::string> config;     // the settings, as it was written; none: the system's
  std::optional<unsigned> jobs;          // none: the CPUs that the process may use
  ColorWhen color = ColorWhen::automatic;
  bool offline = false;
  bool allow_untrusted_policy = false;
  bool quiet = false;
  bool verbose = false;
  bool help = false;
  bool version = false;

  // Of `check` and `apply`.
  bool trust_ctime = false;  // of check
  bool all = false;

  // Of `apply`, `restore` and `undo`.
  bool dry_run = false;

  // Of `restore`.
  std::optional<std::string> from;  // an id, a file, or `-`
  std::optional<std::string> to;    // as it was written
  bool list = false;
  bool break_links = false;
  bool by_name = false;

  // Of `undo`.
  bool force = false;

  // Of `apply`.
  bool detailed_exitcodes = false;
  bool no_journal = false;
  std::optional<std::uint64_t> max_changes;

  // Of `snapshot list`: as it was written.
  std::optional<std::string> of_path;

  // Of `snapshot prune`.
  KeptGenerations keep;

  // Of `validate`.
  bool strict = false;
};

}  // namespace permward
