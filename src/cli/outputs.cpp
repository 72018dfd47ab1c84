// SPDX-License-Identifier: Apache-2.0
#include "cli/outputs.hpp"

#include "cli/environment.hpp"
#include "cli/messages.hpp"
#include "cli/version.hpp"

#include <unistd.h>
#include <utility>

namespace permward {
namespace {

class FileSink final : public Sink {
 public:
  explicit FileSink(ReportFile& file) : file_(file) {}
  void write(std::string_view bytes) override { file_.write(bytes); }

 private:
  ReportFile& file_;
};

// Whether `write` got all of it into its place; what failed is told.
template <class Write>
bool fill(ReportFile& file, const Write& write) {
  FileSink sink(file);
  write(sink);
  const auto done = file.commit();
  if (!done) complain(done.error());
  return done.ok();
}

TextOptions text_options(const Options& options, const ReportTarget& target) {
  const bool terminal = target.file == "-" && ::isatty(STDOUT_FILENO) != 0;
  return {color_of(options.color, environment(), terminal)};
}

}  // namespace

Outputs::Outputs(const Options& options) {
  TextOptions main = text_options(options, options.main);
  if (options.quiet) main.detail = TextOptions::Detail::verdict;
  add(options.main, main);
  for (const ReportTarget& target : options.reports) add(target, text_options(options, target));
}

void Outputs::add(const ReportTarget& target, TextOptions text) {
  auto file = ReportFile::open(target.file);
  if (file) {
    places_.push_back({target.format, text, std::move(*file)});
  } else if (!error_) {
    error_ = file.error();
  }
}

ExitStatus Outputs::write_places(const std::function<void(const Place&, Sink&)>& write,
                                 ExitStatus status) {
  for (Place& place : places_) {
    const bool done = fill(place.file, [&](Sink& sink) { write(place, sink); });
    if (!done) status = ExitStatus::incomplete;
  }
  return status;
}

ExitStatus Outputs::write(const RunReport& report, ExitStatus status) {
  const auto write = [&report](const Place& place, Sink& sink) {
    write_report(place.format, report, place.text, sink);
  };
  return write_places(write, status);
}

ExitStatus Outputs::write(const ExplainReport& report, ExitStatus status) {
  const auto write = [&report](const Place& place, Sink& sink) {
    write_explanations(place.format, report, place.text, sink);
  };
  return write_places(write, status);
}

ExitStatus Outputs::write(const Validation& validation, ExitStatus status) {
  const auto write = [&validation](const Place& place, Sink& sink) {
    write_validation(place.format, validation, place.text, sink);
  };
  return write_places(write, status);
}

ExitStatus Outputs::write_errors(const std::string& command, const Diagnostics& errors,
                                 ExitStatus status) {
  for (Place& place : places_) {
    if (place.format == Format::text) continue;
    const bool done = fill(place.file, [&](Sink& sink) {
      permward::write_errors(place.format, command, std::string(version_text()), errors, sink);
    });
    if (!done) status = ExitStatus::incomplete;
  }
  return status;
}

ExitStatus print_answer(const std::string& text) {
  auto file = ReportFile::open("-");
  if (!file) {
    complain(file.error());
    return ExitStatus::incomplete;
  }
  const bool done = fill(*file, [&text](Sink& sink) { sink.write(text); });
  return done ? ExitStatus::in_policy : ExitStatus::incomplete;
}

}  // namespace permward
