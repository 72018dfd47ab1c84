// SPDX-License-Identifier: Apache-2.0
#include "bench/stopped.hpp"

#include <csignal>
#include <stdexcept>

namespace permward::bench {
namespace {

volatile std::sig_atomic_t stopped = 0;

extern "C" void note(int) { stopped = 1; }

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = note;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

void check_stopped() {
  if (stopped != 0) throw std::runtime_error("stopped by a signal");
}

}  // namespace permward::bench
