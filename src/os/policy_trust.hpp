// SPDX-License-Identifier: Apache-2.0
//
// Opens what a policy's path leads to, and says who could put something else there. Layer `os`.
// A policy is root's code: whoever can replace it decides what root does. The same holds for where
// a root lies, and for the files in it that give names their meaning. What follows from that (a
// warning, or a refusal) is for the caller to say.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "model/control.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

// Somebody who is neither root nor the caller, and what he could do about a policy.
struct Distrust {
  enum class Way : std::uint8_t {
    may_replace,  // takes away, or puts something in the place of, an entry of the directory
                  // `component`
    may_add,      // adds names to `component`, a directory of policies: further policies
    owns_link,    // made the symlink `component`, and so said where it leads
    may_write,    // writes the file `component`
  };

  Way way = Way::may_replace;
  std::string component;  // absolute, as the path went from its root
  Principals who;         // not empty
};

// What a path leads to, opened.
struct OpenedPolicy {
  Type type = Type::absent;
  Fd fd;  // readable; of a regular file or a directory, else none
  bool null_device = false;
};

// Walks paths from a root directory, component by component, each opened without following it and
// judged on its own descriptor. Symlinks are followed by their text, from that root where it is
// absolute, and judged as well; `..` never leaves the root. What is handed out is the descriptor
// that was judged. Nothing but regular files and directories is ever opened for reading, and
// nothing that the kernel makes up, as in procfs, where reading alone can have effects.
class PolicyTrust {
 public:
  // `root`: a descriptor of the directory that is `/`, which must outlive it. `caller` is trusted
  // as root is: the user that runs the program.
  PolicyTrust(int root, std::uint32_t caller) : root_(root), caller_(caller) {}

  // `path` is absolute; `.`, `..` and empty components mean what they mean to the kernel. A link to
  // `/dev/null` is one to the null device, whether or not the root has devices.
  // Errors by kind of errno: not_found, denied, io …; `unsupported` for a file that the kernel
  // makes up; `changed` where the path led to two different files in a row.
  [[nodiscard]] Result<OpenedPolicy> open(const std::string& path);
  // The same of a directory whose files are all policies: whoever may add to it counts. `not_found`
  // with ENOTDIR where it is none.
  [[nodiscard]] Result<OpenedPolicy> open_directory(const std::string& path);

  // What was found on all ways so far, in the order in which it was met. Each is named at the
  // component nearest to the root at which he comes in, once.
  [[nodiscard]] const std::vector<Distrust>& distrust() const { return distrust_; }

 private:
  class Walk;

  void note(Distrust::Way way, const std::string& component, Principals who);

  int root_;
  std::uint32_t caller_;
  std::vector<Distrust> distrust_;
};

}  // namespace permward
