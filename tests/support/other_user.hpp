// SPDX-License-Identifier: Apache-2.0
// Acting as somebody else, in a child process that ends with the test.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>

namespace permward::test {

// No account is needed for it.
inline constexpr std::uint32_t mallory = 7001;

// What `work` returns, 0 to 255, after it ran in a child as that user and group alone, without
// supplementary groups and capabilities. An exception or a signal there is one here. Call it while
// there is one thread.
int run_as(uid_t uid, gid_t gid, const std::function<int()>& work);

// A child that does something over and over as another user, until this goes.
class Busy {
 public:
  // `once` is called until it returns false, which is a failure of the test.
  Busy(uid_t uid, gid_t gid, const std::function<bool()>& once);
  ~Busy();
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

  // How often it was done. Throws where the child has given up.
  [[nodiscard]] std::uint64_t times() const;

 private:
  struct Shared;
  Shared* shared_ = nullptr;
  pid_t child_ = -1;
};

// Exchanges the two names over and over: renameat2(2), RENAME_EXCHANGE.
class ExchangeLoop : public Busy {
 public:
  ExchangeLoop(uid_t uid, const std::string& a, const std::string& b);
};

}  // namespace permward::test
