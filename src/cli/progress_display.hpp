// SPDX-License-Identifier: Apache-2.0
//
// The progress line. Layer `cli`.
#pragma once

#include "engine/check.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace permward {

// Draws the line on stderr from a thread of its own, once a run has lasted a while, over and over
// in place; takes it away when it goes.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(Progress& progress,
                           std::chrono::milliseconds before_first = std::chrono::seconds(1));
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

 private:
  void run();
  void draw();
  bool wait_or_end(std::chrono::milliseconds time);

  Progress& progress_;
  const std::chrono::milliseconds before_first_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;  // behind `mutex_`
  bool drawn_ = false;  // the thread's
  std::thread thread_;
};

}  // namespace permward
