// SPDX-License-Identifier: Apache-2.0
//
// The directory in which permward keeps what it has to remember. Layer `store`. Whoever can write
// to it decides what root restores and takes back, so it is judged before anything in it is used.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace permward {

class StateDir {
 public:
  enum class Missing : std::uint8_t {
    is_error,    // `not_found`
    is_created,  // 0700, the caller's; missing parents 0755; whatever umask and default ACLs say
  };

  // `path` is absolute; its last component is a name, and no symlink. Links before it are followed
  // and judged as those of policies are (`os/policy_trust.hpp`).
  //
  // Refused as `insecure_path`, naming the component and who: somebody besides root and the caller
  // (the effective user) owns the directory or a link on the way, may write to the directory (mode
  // bits of group and others, ACL), or may put another one in its place: an ancestor that he owns,
  // or may write and that is not sticky. Nothing is created where that is so already.
  // Other errors: `invalid` (no such path), `not_found`, `changed` (it was exchanged meanwhile),
  // `denied`, `io`.
  [[nodiscard]] static Result<StateDir> open(const std::string& path, Missing missing);

  // Readable, close-on-exec. What lies in the directory is reached from here.
  [[nodiscard]] int get() const { return fd_.get(); }
  // As it was asked for; what errors name.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path_of(const char* name) const { return path_ + '/' + name; }

 private:
  StateDir(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;  // without a slash at its end
};

}  // namespace permward
