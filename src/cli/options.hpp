// SPDX-License-Identifier: Apache-2.0
//
// What was asked for on the command line, as values. Layer `cli`.
#pragma once

#include "model/pattern.hpp"
#include "model/rule.hpp"
#include "report/format.hpp"

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
  std::optional<unsigned> jobs;  // none: the CPUs that the process may use
  ColorWhen color = ColorWhen::automatic;
  bool offline = false;
  bool allow_untrusted_policy = false;
  bool quiet = false;
  bool verbose = false;
  bool help = false;
  bool version = false;

  // Of `check`.
  bool all = false;

  // Of `validate`.
  bool strict = false;
};

}  // namespace permward
