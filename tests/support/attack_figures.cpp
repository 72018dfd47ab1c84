// SPDX-License-Identifier: Apache-2.0
#include "support/attack_figures.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace permward::test {
namespace {

// None of the texts has what JSON would want escaped.
std::string as_json(const AttackFigures& of) {
  const auto number = [](const char* key, std::uint64_t value) {
    return std::string(", \"") + key + "\": " + std::to_string(value);
  };
  return "{\"cases\": \"" + of.cases + "\", \"what\": \"" + of.what + "\", \"where\": \"" +
         of.where + '"' + number("runs", of.runs) + number("actions", of.actions) +
         number("attacks", of.attacks) + number("naive", of.naive) + "}\n";
}

}  // namespace

void tell(const AttackFigures& figures) {
  std::cout << figures.cases << ", " << figures.what << ", on " << figures.where << ": "
            << figures.runs << " runs, " << figures.actions << " actions, " << figures.attacks
            << " attacks, lost 0 times; a naive tool lost " << figures.naive << " times"
            << std::endl;
  const char* const path = std::getenv("PERMWARD_FIGURES");
  if (path == nullptr) return;
  std::ofstream file(path, std::ios::app);
  file << as_json(figures) << std::flush;
  if (!file) throw std::runtime_error(std::string("cannot write to ") + path);
}

}  // namespace permward::test
