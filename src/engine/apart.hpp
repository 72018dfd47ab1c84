// SPDX-License-Identifier: Apache-2.0
//
// A thread of its own for what moves its working directory, so that the process keeps its own
// whatever kernel this is (`os/kernel.hpp`). Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "os/kernel.hpp"

#include <exception>
#include <functional>
#include <system_error>
#include <thread>

namespace permward {

// What `work` returns, or throws. Errors: those of `work`, and `io` where no thread can be started.
template <class T>
[[nodiscard]] Result<T> in_a_thread_apart(const std::function<Result<T>()>& work) {
  Result<T> out = Error{ErrorKind::io, "start", "", 0};
  std::exception_ptr failure;
  const auto apart = [&] {
    try {
      const MovableWorkingDirectory movable;
      out = work();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  try {
    std::thread(apart).join();
  } catch (const std::system_error& error) {
    return system_error(error.code().value(), "start a thread", "");
  }
  if (failure) std::rethrow_exception(failure);
  return out;
}

}  // namespace permward
