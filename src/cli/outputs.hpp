// SPDX-License-Identifier: Apache-2.0
//
// Where the reports of a run go: stdout or `--output`, and each `--report`. Layer `cli`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/report_channel.hpp"
#include "model/explanation.hpp"
#include "model/run.hpp"
#include "model/validation.hpp"
#include "os/report_file.hpp"
#include "report/format.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class Outputs {
 public:
  // What can be known to fail fails now, not after an hour; see `error`. Nothing is created.
  explicit Outputs(const Options& options);

  // Of the first place that cannot be written to. The others can be.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  // The file that two reports were to go to, as the later one names it. Then none is to be written.
  [[nodiscard]] const std::optional<std::string>& taken_twice() const { return taken_twice_; }

  // Each writes to all places that have no report yet: none is written over. `incomplete` where one
  // of them failed, which is told on stderr; else `status`.
  [[nodiscard]] ExitStatus write(const RunReport& report, ExitStatus status);
  [[nodiscard]] ExitStatus write(const ExplainReport& report, ExitStatus status);
  [[nodiscard]] ExitStatus write(const Validation& validation, ExitStatus status);
  // `changes` may be null: `write_log`.
  [[nodiscard]] ExitStatus write(const LogReport& report, ChangeSource* changes, ExitStatus status);
  [[nodiscard]] ExitStatus write(const SnapshotReport& report, ExitStatus status);
  [[nodiscard]] ExitStatus write_errors(const std::string& command, const Diagnostics& errors,
                                        ExitStatus status);

  // From now on what is written goes to another process that has these outputs too; its places are
  // closed here. After the last report `end` tells it what the run came to.
  void send_to(Fd pipe);
  void end(ExitStatus status);

  // Writes what that process sends. Where that is not everything, nothing is left of a report that
  // is not whole, and its place can have another; but one that is partly on stdout, or in a device,
  // stays so, and its place is closed.
  struct Received {
    bool began = false;                // something was written
    std::optional<ExitStatus> status;  // none: not everything was sent
    std::optional<Error> error;        // of the receiving, read(2)
  };
  [[nodiscard]] Received receive(int pipe);

 private:
  struct Place {
    Format format;
    TextOptions text;
    std::optional<ReportFile> file;  // none once it is written, or somebody else's to write
  };

  void add(const ReportTarget& target, TextOptions text);
  ExitStatus write_places(const std::function<void(const Place&, Sink&)>& write, ExitStatus status);
  void drop_halves();
  bool fill(std::size_t place, const std::function<void(Sink&)>& write);

  std::vector<Place> places_;
  std::optional<std::string> taken_twice_;
  std::optional<ReportSender> sender_;
  std::optional<Error> error_;
};

// What a command like `help` says, on stdout.
ExitStatus print_answer(const std::string& text);

}  // namespace permward
