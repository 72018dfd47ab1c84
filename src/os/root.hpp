// SPDX-License-Identifier: Apache-2.0
//
// The directory that is `/` to a run: the host's, or that of `--root`. Layer `os`. It is opened
// once; everything that is looked at is reached from its descriptor.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "os/policy_trust.hpp"

#include <string>

namespace permward {

class Root {
 public:
  // `/`. Errors: those of open(2).
  [[nodiscard]] static Result<Root> host();

  // The directory at `path`, absolute, on the host. Links are followed: the path is the caller's
  // word. `way` walks from the host's root, and learns who else could put another tree there.
  // Errors: `not_found`, also where it is no directory; `insecure_path` where it is reached by a
  // magic link of procfs alone (proc(5), `/proc/PID/root`), whose text says nothing about where it
  // leads; `changed`; `denied`; `io`.
  [[nodiscard]] static Result<Root> open(const std::string& path, PolicyTrust& way);

  // An O_PATH descriptor.
  [[nodiscard]] int get() const { return fd_.get(); }
  // On the host, absolute; "/" of the host's own.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Whether it was asked for, be it as `/`.
  [[nodiscard]] bool given() const { return given_; }

 private:
  Root(Fd fd, std::string path, bool given)
      : fd_(std::move(fd)), path_(std::move(path)), given_(given) {}

  Fd fd_;
  std::string path_;
  bool given_;
};

}  // namespace permward
