// SPDX-License-Identifier: Apache-2.0
#include "cli/settings_input.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/distrust_text.hpp"
#include "model/codes.hpp"
#include "os/policy_files.hpp"
#include "policy/load_settings.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

bool is(const Diagnostic& diagnostic, Code code) { return diagnostic.code == row(code).text; }

PolicyFiles find_file(const Options& options, const Root& root) {
  return options.config ? read_named_settings(*options.config, ::getuid())
                        : read_settings_file(root.get(), ::getuid());
}

Diagnostics distrust_of(const PolicyFiles& found, const Options& options, const System& system) {
  if (options.allow_untrusted_policy) return {};
  NoNames numbers;
  // Of the host, under a root: its names are not asked for, and the root's are about others.
  const bool foreign = system.root.given() && options.config;
  return distrust_warnings(found.distrust, Decides::settings, foreign ? numbers : *system.names);
}

}  // namespace

SettingsInput read_settings(const Options& options, const SystemInput& input) {
  SettingsInput out;
  PolicyFiles found = find_file(options, input.system.root);
  append(out.diagnostics, distrust_of(found, options, input.system));
  append(out.diagnostics, std::move(found.mistakes));
  for (PolicyFiles::File& file : found.files) {
    spdlog::debug("settings file {}, {} bytes", printable(file.name), file.text.size());
    out.file = PolicyFile{file.name, sha256_hex(file.text)};
    LoadedSettings loaded = load_settings({std::move(file.name), std::move(file.text)});
    if (!has_errors(loaded.diagnostics)) out.settings = loaded.settings;
    append(out.diagnostics, std::move(loaded.diagnostics));
  }
  return out;
}

SettingsInput read_settings_or_defaults(const Options& options, const SystemInput& input) {
  SettingsInput out = read_settings(options, input);
  if (out.diagnostics.empty()) return out;
  out.settings = {};
  for (Diagnostic& diagnostic : out.diagnostics) {
    if (options.config && is(diagnostic, Code::policy_not_found)) return out;
    diagnostic.severity = Diagnostic::Severity::warning;
  }
  Diagnostic& unused = out.diagnostics.emplace_back(
      make_diagnostic(Code::settings_not_used, "the settings are not used, but the defaults"));
  unused.file = options.config.value_or(std::string(settings_path));
  return out;
}

Diagnostics missing_settings(const Options& options) {
  if (!options.config) return {};
  Diagnostics out = read_named_settings(*options.config, ::getuid()).mistakes;
  out.erase(std::remove_if(out.begin(), out.end(),
                           [](const Diagnostic& one) { return !is(one, Code::policy_not_found); }),
            out.end());
  return out;
}

}  // namespace permward
