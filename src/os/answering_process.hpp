// SPDX-License-Identifier: Apache-2.0
//
// A process that answers questions, and can be given up where it does not: for calls that know no
// limit of time, such as those of the name service. Layer `os`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace permward {

// Made from the process that starts it, with all that this knew at that time. It keeps no
// descriptor of it but its end of a socket, reads and writes /dev/null in the place of its streams,
// and is not reached by signals of a terminal. Whatever becomes of the one that started it, it
// ends: when it waits for a question at once, else soon after the time that it had for an answer.
//
// One question at a time, by the process that started it: one that was forked off since has to let
// it go, and to start its own.
class AnsweringProcess {
 public:
  // Runs in that process, for one question after the other.
  using Answer = std::function<std::string(std::string_view question)>;
  using Clock = std::chrono::steady_clock;

  // Errors: `io`, where no process can be made.
  [[nodiscard]] static Result<AnsweringProcess> start(const Answer& answer);

  AnsweringProcess(AnsweringProcess&& other) noexcept;
  AnsweringProcess& operator=(AnsweringProcess&& other) noexcept;
  // Ends it, where it is this process's own.
  ~AnsweringProcess();

  // Whether this process started it, and not the one that this was forked from.
  [[nodiscard]] bool own() const;

  // `stop`, where it is not null, is looked at several times a second. After an error there is
  // nothing left to do with this but to let it go.
  // Errors: ETIMEDOUT where there was no answer within that time, ECANCELED where it was stopped,
  // EPIPE where the process ended before it had answered, and those of sending and receiving.
  [[nodiscard]] Result<std::string> ask(std::string_view question, Clock::duration within,
                                        const std::atomic<bool>* stop);

 private:
  AnsweringProcess(Fd socket, pid_t process, pid_t starter)
      : socket_(std::move(socket)), process_(process), starter_(starter) {}

  Fd socket_;
  pid_t process_ = -1;
  pid_t starter_ = -1;
};

}  // namespace permward
