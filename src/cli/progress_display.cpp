// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_display.hpp"

#include "cli/messages.hpp"
#include "report/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::chrono::milliseconds between{100};
constexpr std::size_t usual_width = 80;
constexpr std::string_view erase_line = "\r\x1b[K";

// One less than there are: a line that is full would wrap on some terminals.
std::size_t usable_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return usual_width - 1;
  return size.ws_col - std::size_t{1};
}

}  // namespace

ProgressDisplay::ProgressDisplay(Progress& progress, std::chrono::milliseconds before_first)
    : progress_(progress), before_first_(before_first), thread_([this] { run(); }) {}

ProgressDisplay::~ProgressDisplay() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  thread_.join();
}

bool ProgressDisplay::wait_or_end(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return ended_changed_.wait_for(lock, time, [this] { return ended_; });
}

void ProgressDisplay::draw() {
  using std::chrono::milliseconds;
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const std::string line =
      progress_line(progress_.objects(), std::chrono::duration_cast<milliseconds>(elapsed),
                    progress_.directory(), usable_columns());
  StderrSink().write(std::string(erase_line) + line);
  drawn_ = true;
}

void ProgressDisplay::run() {
  for (bool ended = wait_or_end(before_first_); !ended; ended = wait_or_end(between)) draw();
  if (drawn_) StderrSink().write(erase_line);
}

}  // namespace permward
