// SPDX-License-Identifier: Apache-2.0
#include "support/attack_figures.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace permward::test {
namespace {

// Under what all of it runs; tests/fs/filters.py says.
std::string where_of(const AttackFigures& of) {
  const char* const under = std::getenv("PERMWARD_FIGURES_UNDER");
  return under == nullptr ? of.where : of.where + ", " + under;
}

// None of the texts has what JSON would want escaped.
std::string as_json(const AttackFigures& of) {
  const auto number = [](const char* key, std::uint64_t value) {
    return std::string(", \"") + key + "\": " + std::to_string(value);
  };
  return "{\"cases\": \"" + of.cases + "\", \"what\": \"" + of.what + "\", \"where\": \"" +
         where_of(of) + '"' + number("runs", of.runs) + number("actions", of.actions) +
         number("attacks", of.attacks) + number("naive", of.naive) + "}\n";
}

}  // namespace

void tell(const AttackFigures& figures) {
  std::cout << figures.cases << ", " << figures.what << ", on " << where_of(figures) << ": "
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
