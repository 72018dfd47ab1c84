// SPDX-License-Identifier: Apache-2.0
#include "support/skip.hpp"

#include <iostream>

namespace permward::test {
namespace {

int count = 0;

}  // namespace

void note_skip(std::string_view reason) {
  ++count;
  std::cout << "skipped: " << reason << std::endl;
}

int skips() { return count; }

}  // namespace permward::test
