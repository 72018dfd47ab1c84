// SPDX-License-Identifier: Apache-2.0
#include "cli/outputs.hpp"

#include "cli/environment.hpp"
#include "cli/messages.hpp"
#include "cli/version.hpp"

#include <algorithm>
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

class SenderSink final : public Sink {
 public:
  SenderSink(ReportSender& sender, std::uint32_t place) : sender_(sender), place_(place) {}
  void write(std::string_view bytes) override { sender_.write(place_, bytes); }

 private:
  ReportSender& sender_;
  std::uint32_t place_;
};

// Writers hand over many small pieces; through a pipe they would cost a call each.
class BufferedSink final : public Sink {
 public:
  explicit BufferedSink(Sink& to) : to_(to) {}
  ~BufferedSink() override = default;
  void write(std::string_view bytes) override {
    buffer_ += bytes;
    if (buffer_.size() >= most_frame_bytes) flush();
  }
  void flush() {
    to_.write(buffer_);
    buffer_.clear();
  }

 private:
  Sink& to_;
  std::string buffer_;
};

// Whether the file is whole and in its place; what failed is told. Nothing is written to it
// afterwards.
bool put_in_place(std::optional<ReportFile>& file) {
  const auto done = file->commit();
  file.reset();
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
    const bool taken = std::any_of(places_.begin(), places_.end(), [&file](const Place& place) {
      return file->takes_place_of(*place.file);
    });
    if (taken) taken_twice_ = target.file;
    places_.push_back({target.format, text, std::move(*file)});
  } else if (!error_) {
    error_ = file.error();
  }
}

// Whether `write` got all of it into its place, as far as can be told here.
bool Outputs::fill(std::size_t place, const std::function<void(Sink&)>& write) {
  if (!sender_) {
    std::optional<ReportFile>& file = places_[place].file;
    if (!file) return true;
    FileSink sink(*file);
    write(sink);
    return put_in_place(file);
  }
  const auto number = static_cast<std::uint32_t>(place);
  SenderSink sender(*sender_, number);
  BufferedSink sink(sender);
  write(sink);
  sink.flush();
  sender_->commit(number);
  return true;
}

ExitStatus Outputs::write_places(const std::function<void(const Place&, Sink&)>& write,
                                 ExitStatus status) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const bool done = fill(i, [&](Sink& sink) { write(places_[i], sink); });
    if (!done) status = ExitStatus::incomplete;
  }
  return status;
}

void Outputs::send_to(Fd pipe) {
  sender_.emplace(std::move(pipe));
  for (Place& place : places_) place.file.reset();
}

void Outputs::end(ExitStatus status) { sender_->end(status); }

void Outputs::drop_halves() {
  for (Place& place : places_) {
    if (place.file && !place.file->begin_again()) place.file.reset();
  }
}

Outputs::Received Outputs::receive(int pipe) {
  Received out;
  bool failed = false;
  ReportReceiver receiver;
  receiver.write = [&](std::uint32_t place, std::string_view bytes) {
    out.began = true;
    if (places_[place].file) places_[place].file->write(bytes);
  };
  receiver.commit = [&](std::uint32_t place) {
    out.began = true;
    if (places_[place].file && !put_in_place(places_[place].file)) failed = true;
  };
  auto received = receive_reports(pipe, static_cast<std::uint32_t>(places_.size()), receiver);
  if (received.ok()) {
    out.status = *received;
  } else {
    out.error = received.error();
  }
  if (out.status && failed) out.status = ExitStatus::incomplete;
  if (!out.status) drop_halves();
  return out;
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

ExitStatus Outputs::write(const LogReport& report, ChangeSource* changes, ExitStatus status) {
  const auto write = [&](const Place& place, Sink& sink) {
    write_log(place.format, report, changes, place.text, sink);
  };
  return write_places(write, status);
}

ExitStatus Outputs::write(const SnapshotReport& report, ExitStatus status) {
  const auto write = [&report](const Place& place, Sink& sink) {
    write_snapshots(place.format, report, place.text, sink);
  };
  return write_places(write, status);
}

ExitStatus Outputs::write_errors(const std::string& command, const Diagnostics& errors,
                                 ExitStatus status) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Format format = places_[i].format;
    if (format == Format::text) continue;
    const bool done = fill(i, [&](Sink& sink) {
      permward::write_errors(format, command, std::string(version_text()), errors, sink);
    });
    if (!done) status = ExitStatus::incomplete;
  }
  return status;
}

ExitStatus print_answer(const std::string& text) {
  auto opened = ReportFile::open("-");
  if (!opened) {
    complain(opened.error());
    return ExitStatus::incomplete;
  }
  std::optional<ReportFile> file(std::move(*opened));
  file->write(text);
  return put_in_place(file) ? ExitStatus::in_policy : ExitStatus::incomplete;
}

}  // namespace permward
