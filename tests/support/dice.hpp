// SPDX-License-Identifier: Apache-2.0
// Random draws that one number repeats, for tests whose cases share one tree.
#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace permward::test {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }
  bool one_in(unsigned n) { return below(n) == 0; }
  template <class T>
  T from(const std::vector<T>& pool) {
    return pool[below(static_cast<unsigned>(pool.size()))];
  }

 private:
  std::mt19937 engine_;
};

// The seed that the environment variable holds; 1 without it.
inline unsigned seed_in(const char* variable) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? static_cast<unsigned>(std::stoul(text)) : 1;
}

}  // namespace permward::test
