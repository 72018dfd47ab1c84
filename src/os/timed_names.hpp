// SPDX-License-Identifier: Apache-2.0
//
// A name service that is not waited for without end. Layer `os`.
//
// What nsswitch.conf(5) names may never answer: a directory server that is gone, a daemon that
// hangs. getpwnam(3) cannot be given up, so another process asks it (`os/answering_process.hpp`),
// and is ended where it takes too long; the next question gets a new one.
#pragma once

#include "os/answering_process.hpp"
#include "os/name_service.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace permward {

struct NameLimits {
  std::chrono::milliseconds answer{10'000};  // to one question
  std::chrono::milliseconds list{60'000};    // of all users, for rules that are expanded by them
  // So much is waited for in vain, in all. Then an answer has to come at once: `/etc/passwd` still
  // gives one, whatever else there is.
  std::chrono::milliseconds in_vain{20'000};
  std::chrono::milliseconds at_once{250};
};

// Answers as that service does. Where there is none within the time, `failed` with ETIMEDOUT, and
// no name; with ECANCELED once `stop` is set; without a number where a module of the service took
// the process down. A process that was forked off from the one that asked before gets its own.
// All members may be called from several threads at once; one question is asked after the other.
class TimedNames final : public NameService {
 public:
  explicit TimedNames(std::unique_ptr<NameService> service, const NameLimits& limits = {},
                      const std::atomic<bool>* stop = nullptr)
      : service_(std::move(service)), limits_(limits), stop_(stop) {}

  [[nodiscard]] Found id_of(AccountKind kind, const std::string& name) override;
  [[nodiscard]] Found has_account(AccountKind kind, std::uint32_t id) override;
  [[nodiscard]] std::string name_of(AccountKind kind, std::uint32_t id) override;
  [[nodiscard]] ListedUsers users(UserSource source) override;
  [[nodiscard]] std::vector<std::string> names(AccountKind kind) override;

 private:
  using Milliseconds = std::chrono::milliseconds;

  [[nodiscard]] Milliseconds patience() const;
  [[nodiscard]] Result<std::string> ask(const std::string& question, Milliseconds within);
  [[nodiscard]] Found find(const std::string& question);

  std::unique_ptr<NameService> service_;
  NameLimits limits_;
  const std::atomic<bool>* stop_;
  std::mutex mutex_;  // of what follows
  std::optional<AnsweringProcess> process_;
  Milliseconds in_vain_{0};
};

}  // namespace permward
