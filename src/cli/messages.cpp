// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.hpp"

#include "base/text.hpp"
#include "cli/environment.hpp"
#include "cli/usage.hpp"
#include "report/diagnostics.hpp"
#include "report/error_text.hpp"

#include <cerrno>
#include <string>
#include <unistd.h>

namespace permward {

void StderrSink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return;
    bytes.remove_prefix(static_cast<std::size_t>(count < 0 ? 0 : count));
  }
}

void complain(std::string_view message) {
  StderrSink().write("permward: " + std::string(message) + "\n");
}

void complain(const Error& error) { complain(error_text(error)); }

void complain_of_end(const std::exception& error) noexcept {
  try {
    complain("could not go on: " + printable(error.what()));
  } catch (const std::exception&) {
    StderrSink().write("permward: could not go on: there is no memory left\n");
  }
}

void show(const Diagnostics& diagnostics, const Options& options) {
  StderrSink sink;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  if (!terminal) return write_diagnostics_gnu(diagnostics, sink);
  const Color color = color_of(options.color, environment(), terminal);
  write_diagnostics_for_terminal(diagnostics, color, sink);
}

ExitStatus refuse_usage(const UsageError& error) {
  complain(error.message);
  if (!error.hint.empty()) complain("hint: " + error.hint);
  return ExitStatus::usage;
}

}  // namespace permward
