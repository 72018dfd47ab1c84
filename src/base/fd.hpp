// SPDX-License-Identifier: Apache-2.0
//
// An owned file descriptor. Layer `base`; knows no domain.
#pragma once

#include <utility>

namespace permward {

// Move-only. Closes what it holds when it goes; close(2)'s result is not looked at, so a file that
// was written must be fsync(2)ed before. Every open in this project passes O_CLOEXEC.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }
  // Gives the descriptor away; this holds none afterwards.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

}  // namespace permward
