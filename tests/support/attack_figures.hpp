// SPDX-License-Identifier: Apache-2.0
// What an attack that was run over and over came to, for docs/reference/attacks.md.
#pragma once

#include <cstdint>
#include <string>

namespace permward::test {

struct AttackFigures {
  std::string cases;          // "T03", "T08 T09": tests/attacks.txt
  std::string what;           // "apply: a file and a link exchanged"
  std::string where;          // the file system
  std::uint64_t runs = 0;     // of permward
  std::uint64_t actions = 0;  // what these changed; 0 of a check
  std::uint64_t attacks = 0;
  std::uint64_t naive = 0;  // how often a naive tool beside it lost
};

// To be called once permward has lost never: says so on stdout, and appends a line of JSON to the
// file that `PERMWARD_FIGURES` names.
void tell(const AttackFigures& figures);

}  // namespace permward::test
