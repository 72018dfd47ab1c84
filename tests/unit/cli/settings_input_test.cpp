// SPDX-License-Identifier: Apache-2.0
#include "cli/settings_input.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <string>
#include <vector>

using namespace permward;
using permward::test::TempTree;

namespace {

Options with(const std::string& config) {
  Options options;
  options.config = config;
  return options;
}

SettingsInput read(const Options& options) {
  const auto system = open_system(options);
  REQUIRE(system.ok());
  return read_settings(options, *system);
}

SettingsInput read_or_defaults(const Options& options) {
  const auto system = open_system(options);
  REQUIRE(system.ok());
  return read_settings_or_defaults(options, *system);
}

// "W0007" for a warning, "E0001 error" for an error.
std::vector<std::string> codes_of(const SettingsInput& input) {
  std::vector<std::string> out;
  for (const Diagnostic& one : input.diagnostics) {
    const bool error = one.severity == Diagnostic::Severity::error;
    out.push_back(one.code + (error ? " error" : ""));
  }
  return out;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("settings are those of the file that is named, which is told of with its digest") {
  TempTree tree;
  const std::string path = tree.file("s.toml", "[store]\nkeep_runs = 3\n");
  const SettingsInput input = read(with(path));
  REQUIRE(input.diagnostics.empty());
  REQUIRE(input.settings.keep_runs == 3);
  REQUIRE(input.settings.keep_days == 400);
  REQUIRE(input.file.value().path == path);
  REQUIRE(input.file->sha256.size() == 64);
}

TEST_CASE("under a root settings are the root's, or a file of the host that is named") {
  TempTree tree;
  tree.file("img/etc/permward/permward.toml", "[store]\nkeep_runs = 5\n");
  const std::string named = tree.file("s.toml", "[store]\nkeep_runs = 3\n");
  Options options;
  options.root = tree.path("img");
  REQUIRE(read(options).settings.keep_runs == 5);
  options.config = named;
  REQUIRE(read(options).settings.keep_runs == 3);
  options.config.reset();
  options.root = tree.directory("empty");
  REQUIRE(read(options).settings.keep_runs == 1000);
  REQUIRE_FALSE(read(options).file);
}

TEST_CASE("settings with a mistake set nothing") {
  TempTree tree;
  const SettingsInput input =
      read(with(tree.file("s.toml", "[store]\nkeep_runs = 3\nkeep_days = 0\n")));
  REQUIRE(codes_of(input) == Codes{"E0203 error"});
  REQUIRE(input.settings.keep_runs == 1000);
}

TEST_CASE("settings that others may write are a warning, unless that is accepted") {
  TempTree tree;
  Options options = with(tree.file("s.toml", "[store]\nkeep_runs = 3\n", 0666));
  REQUIRE(codes_of(read(options)) == Codes{"W0001"});
  REQUIRE(codes_of(read_or_defaults(options)) == Codes{"W0001", "W0007"});
  REQUIRE(read_or_defaults(options).settings.keep_runs == 1000);
  options.allow_untrusted_policy = true;
  REQUIRE(read(options).diagnostics.empty());
  REQUIRE(read_or_defaults(options).settings.keep_runs == 3);
}

TEST_CASE("what has to go on takes the defaults in the place of settings with mistakes") {
  TempTree tree;
  const Options options = with(tree.file("s.toml", "[store]\nkeep_runs = 3\nkeep_day = 1\n"));
  const SettingsInput input = read_or_defaults(options);
  REQUIRE(codes_of(input) == Codes{"E0201", "W0007"});
  REQUIRE(input.diagnostics[1].file == *options.config);
  REQUIRE(input.settings.keep_runs == 1000);
  REQUIRE(codes_of(read_or_defaults(with(tree.directory("d")))) == Codes{"E0003", "W0007"});
  REQUIRE(
      read_or_defaults(with(tree.file("good.toml", "store.keep_runs = 7"))).settings.keep_runs ==
      7);
}

TEST_CASE("settings that are named and not there are an error of every command") {
  TempTree tree;
  const Options options = with(tree.path("nowhere.toml"));
  REQUIRE(codes_of(read(options)) == Codes{"E0001 error"});
  REQUIRE(codes_of(read_or_defaults(options)) == Codes{"E0001 error"});
  REQUIRE(missing_settings(options).size() == 1);
  REQUIRE(missing_settings(with(tree.file("s.toml", "no TOML"))).empty());
  REQUIRE(missing_settings(Options{}).empty());
}
