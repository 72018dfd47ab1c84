// SPDX-License-Identifier: Apache-2.0
//
// The lock of the one run that may change something. Layer `store`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/state_dir.hpp"

#include <string>
#include <string_view>

namespace permward {

// flock(2) on the file `lock`, held until this goes, or the process does, however it ends: what a
// killed run has left in the file means nothing. The file is 0600, so that nobody else can hold the
// lock, and says who does: the process and its command. It is never removed.
//
// A child that was forked meanwhile, and has not called execve(2), holds it as well, until it ends.
class Lock {
 public:
  // `command` is what others are told; bytes, of which at most `most_command` are kept, and of
  // several lines the first. Never waits.
  // Errors: `io` with EWOULDBLOCK where another run holds it; `doing` then names its process and
  // command, escaped, as far as the file says so. `insecure_path` where the file is a link, no
  // regular file, or not the caller's alone to write; those of openat(2) and flock(2).
  [[nodiscard]] static Result<Lock> take(const StateDir& directory, std::string_view command);

  static constexpr std::size_t most_command = 200;  // bytes

  Lock(Lock&&) noexcept = default;
  Lock& operator=(Lock&&) = delete;
  ~Lock();

 private:
  explicit Lock(Fd file) : file_(std::move(file)) {}

  Fd file_;
};

}  // namespace permward
