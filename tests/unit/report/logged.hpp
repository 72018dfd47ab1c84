// SPDX-License-Identifier: Apache-2.0
// Runs and changes to print: an apply of alice's that corrected one object and failed at another.
#pragma once

#include "report/change_source.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace permward::test {

// Hands out objects of a list, then the error.
class ListedChanges final : public ChangeSource {
 public:
  explicit ListedChanges(std::vector<LoggedObject> objects, std::optional<Error> error = {})
      : objects_(std::move(objects)), error_(std::move(error)) {}

  void begin() override { at_ = 0; }
  const LoggedObject* next() override {
    return at_ == objects_.size() ? nullptr : &objects_[at_++];
  }
  const std::optional<Error>& error() const override { return error_; }

 private:
  std::vector<LoggedObject> objects_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

inline LoggedRun logged_run(LoggedRun::State state = LoggedRun::State::out_of_policy) {
  LoggedRun out;
  out.id = "20261126T101500Z-3f2a";
  out.started = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26) + std::chrono::hours(10) +
                std::chrono::minutes(15);
  out.finished = out.started + std::chrono::seconds(2);
  out.command = "apply";
  out.command_line = "apply /srv";
  out.user = "alice";
  out.uid = 1001;
  out.state = state;
  out.objects = 2;
  out.corrected = 2;
  out.failed = 1;
  return out;
}

inline LoggedRun unfinished_run() {
  LoggedRun out = logged_run(LoggedRun::State::unfinished);
  out.finished.reset();
  out.corrected = out.failed = 0;
  return out;
}

inline LogReport log_of(std::vector<LoggedRun> runs) {
  LogReport out;
  out.version = "0.1.0";
  out.place = "/var/lib/permward";
  out.runs = std::move(runs);
  return out;
}

inline LoggedObject corrected() {
  return {1,
          "/srv/a",
          "corrected",
          {{Aspect::owner, "bob", "root", "root"}, {Aspect::mode, "0666", "0640", "0640"}}};
}

inline LoggedObject failed() {
  return {2, "/srv/b", "failed", {{Aspect::mode, "0666", "0640", "0666"}}};
}

inline LoggedObject unseen() {
  return {3, "/srv/\xff", "unknown", {{Aspect::presence, "absent", "present", std::nullopt}}};
}

}  // namespace permward::test
