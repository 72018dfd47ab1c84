// SPDX-License-Identifier: Apache-2.0
// What a test puts in the place of the system calls that change objects: it writes down what was
// asked for, may refuse any of it, and may hand it on.
#pragma once

#include "os/changer.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace permward::test {

class RecordingChanger : public Changer {
 public:
  struct Asked {
    ino_t inode = 0;  // of the object; 0 where the descriptor holds none
    Type type = Type::absent;
    Action action;
    bool operator==(const Asked&) const = default;
  };

  RecordingChanger() = default;
  // What is not refused is handed on to `next`, which must outlive this.
  explicit RecordingChanger(Changer& next) : next_(&next) {}

  // Refuses what is asked for as number `index`, from 0, with that errno. It is written down too.
  void fail_at(std::size_t index, int number) { failures_[index] = number; }

  [[nodiscard]] Result<void> change(int held, Type type, const Action& action) override {
    TRY(note(held, type, action));
    return next_ == nullptr ? Result<void>() : next_->change(held, type, action);
  }
  [[nodiscard]] Result<Fd> create(int directory, const char* name, Type type) override {
    TRY(note(-1, type, Create{type}));
    return next_ == nullptr ? Result<Fd>(Fd()) : next_->create(directory, name, type);
  }
  [[nodiscard]] Result<Fd> replace_link(int directory, const char* name, int held,
                                        const std::string& target, const char* scratch) override {
    TRY(note(held, Type::symlink, SetTarget{target}));
    if (next_ == nullptr) return Fd(::dup(held));
    return next_->replace_link(directory, name, held, target, scratch);
  }
  [[nodiscard]] Result<void> remove(int directory, const char* name, int held,
                                    const Remove& how) override {
    TRY(note(held, Type::absent, how));
    return next_ == nullptr ? Result<void>() : next_->remove(directory, name, held, how);
  }

  std::vector<Asked> asked;  // in order

 private:
  Result<void> note(int held, Type type, const Action& action) {
    const auto refused = failures_.find(asked.size());
    struct stat status {};
    asked.push_back({::fstat(held, &status) == 0 ? status.st_ino : 0, type, action});
    if (refused != failures_.end()) return system_error(refused->second, "change", "");
    return {};
  }

  Changer* next_ = nullptr;
  std::map<std::size_t, int> failures_;  // index to errno
};

}  // namespace permward::test
