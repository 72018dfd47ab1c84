// SPDX-License-Identifier: Apache-2.0
// Where and when it was measured.
#pragma once

#include <string>
#include <vector>

namespace permward::bench {

struct Machine {
  std::string date;  // UTC, as YYYY-MM-DD
  unsigned cpus = 0;
  std::string processor;    // as /proc/cpuinfo names it
  std::string kernel;       // as uname -r
  std::string file_system;  // its type, where the tree is
  bool root = false;
  double load = 0;       // of the last minute, when the tree has been made: getloadavg(3)
  std::string permward;  // what `permward version` says
};

// Runs `permward`; room for its output is below `directory`.
Machine describe_machine(const std::string& directory, const std::string& permward);

// The version of a Debian package that is installed; "unknown" elsewhere.
std::string package_version(const std::string& directory, const std::string& package);

}  // namespace permward::bench
