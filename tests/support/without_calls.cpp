// SPDX-License-Identifier: Apache-2.0
// without_calls ERROR CALL[,CALL…] COMMAND [ARGUMENT…]: runs COMMAND where these system calls
// (numbers) fail with that errno (a number), as an older kernel or a container's filter has it.
#include "support/refused_calls.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <unistd.h>
#include <vector>

namespace {

std::vector<unsigned> numbers_in(const char* text) {
  std::vector<unsigned> out;
  for (char* end = nullptr; *text != '\0'; text = *end == ',' ? end + 1 : end) {
    out.push_back(static_cast<unsigned>(std::strtoul(text, &end, 10)));
    if (end == text) break;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: without_calls ERROR CALL[,CALL...] COMMAND [ARGUMENT...]\n", stderr);
    return 64;
  }
  try {
    permward::test::refuse_calls(numbers_in(argv[2]), std::atoi(argv[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "without_calls: %s\n", error.what());
    return 77;
  }
  execvp(argv[3], argv + 3);
  std::perror(argv[3]);
  return 127;
}
