// SPDX-License-Identifier: Apache-2.0
#include "cli/system_input.hpp"

#include "base/text.hpp"
#include "cli/distrust_text.hpp"
#include "cli/paths.hpp"
#include "model/codes.hpp"
#include "report/error_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

// `FileNames` says so of what is there, and not what names can be read from.
std::string why_unreadable(const Error& error) {
  if (error.number == EOPNOTSUPP) return "this is no regular file, or one that the kernel makes up";
  return error_text(error);
}

void warn(Diagnostics& to, Code code, const std::string& file, std::string message,
          std::string help) {
  Diagnostic& warning = to.emplace_back(make_diagnostic(code, std::move(message), std::move(help)));
  warning.file = file;
}

std::string skipped_text(const FileNames::Source& file) {
  const std::string why(text_of(file.first_skipped.why));
  if (file.skipped == 1) return "this line is no account: " + why;
  return "this line and " + std::to_string(file.skipped - 1) +
         (file.skipped == 2 ? " other are" : " others are") + " no accounts: " + why;
}

void warn_of_accounts(const FileNames::Source& file, Diagnostics& out) {
  const std::string whose = file.kind == AccountKind::user ? "users" : "groups";
  if (file.error) {
    warn(out, Code::unreadable_names, file.path, why_unreadable(*file.error),
         "names of " + whose + " in the root cannot be verified, and ids have no name");
  } else if (file.skipped != 0) {
    warn(out, Code::malformed_names, file.path, skipped_text(file),
         "names of the root that stand there alone are unknown");
    out.back().line = static_cast<std::uint32_t>(file.first_skipped.line);
  }
}

Diagnostics warnings_of(RootedSystem& rooted, const Options& options) {
  Diagnostics out;
  if (!options.offline) {
    NoNames numbers;  // those of the host are not asked for
    append(out, distrust_warnings(rooted.way_distrust, Decides::root, numbers));
    append(out, distrust_warnings(rooted.file_distrust, Decides::names, *rooted.system.names));
  }
  for (const FileNames::Source& file : rooted.account_files) warn_of_accounts(file, out);
  return out;
}

}  // namespace

Result<SystemInput> open_system(const Options& options, const std::atomic<bool>* stop) {
  if (!options.root) {
    TRY_ASSIGN(System system, host_system(stop));
    return SystemInput{std::move(system), {}, std::nullopt};
  }
  TRY_ASSIGN(const std::vector<std::string> absolute, absolute_paths({*options.root}));
  std::string directory = absolute.front();
  if (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  TRY_ASSIGN(RootedSystem rooted, rooted_system(directory, ::getuid()));
  spdlog::debug("root {}", printable(directory));
  Diagnostics warnings = warnings_of(rooted, options);
  return SystemInput{std::move(rooted.system), std::move(warnings),
                     std::move(rooted.hostname_error)};
}

std::optional<Error> undecidable(const SystemInput& input, const Policy& policy) {
  const auto asks = [](const Rule& rule) {
    return !rule.disabled && rule.when && rule.when->hostname;
  };
  if (!input.hostname_error || std::none_of(policy.rules.begin(), policy.rules.end(), asks)) {
    return std::nullopt;
  }
  return input.hostname_error;
}

std::optional<UsageError> root_mistake(const Error& error) {
  if (error.kind != ErrorKind::not_found) return std::nullopt;
  return UsageError{"there is no directory '" + printable(error.subject) + "' to be the root", ""};
}

}  // namespace permward
