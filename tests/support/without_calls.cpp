// SPDX-License-Identifier: Apache-2.0
// without_calls ERROR CALL[,CALL…] COMMAND [ARGUMENT…]: runs COMMAND where these system calls
// (numbers) fail with that errno (a number), as an older kernel or a container's filter has it.
#include "support/refused_calls.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace {

// A name, which would be taken for 0, refuses read(2).
std::vector<unsigned> numbers_in(const char* text) {
  std::vector<unsigned> out;
  for (char* end = nullptr; *text != '\0'; text = *end == ',' ? end + 1 : end) {
    const unsigned long number = std::strtoul(text, &end, 10);
    if (end == text || (*end != ',' && *end != '\0')) {
      throw std::invalid_argument("errors and system calls are numbers");
    }
    out.push_back(static_cast<unsigned>(number));
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
    permward::test::refuse_calls(numbers_in(argv[2]), static_cast<int>(numbers_in(argv[1]).at(0)));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "without_calls: %s\n", error.what());
    return 64;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "without_calls: %s\n", error.what());
    return 77;
  }
  execvp(argv[3], argv + 3);
  std::perror(argv[3]);
  return 127;
}
