// SPDX-License-Identifier: Apache-2.0
//
// What asks a run to end early, but not without its report. Layer `cli`.
#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <string_view>

namespace permward {

inline constexpr std::array stopping_signals = {SIGHUP, SIGINT, SIGTERM};

// From now on the first of these signals only sets the flag; the second ends the process as if
// nobody had asked. A signal that was ignored (nohup, a shell's background) stays ignored.
// Processes that are forked off afterwards share the flag.
const std::atomic<bool>& stop_on_signals();

// Of what would not come to an end soon, for it waits for others: the first of these signals writes
// `sentence`, a literal, to stderr, and ends the process as if nobody had asked.
void say_on_signals(std::string_view sentence);

// Ends the process by the signal that came, if one did: whoever waits for it sees what happened.
void die_of_signal();

}  // namespace permward
