// SPDX-License-Identifier: Apache-2.0
#include "bench/inner.hpp"

#include "bench/floor.hpp"
#include "bench/hash_floor.hpp"
#include "bench/literals_floor.hpp"
#include "bench/run.hpp"

#include <iostream>
#include <string>
#include <string_view>

namespace permward::bench {
namespace {

unsigned threads(const char* text) { return static_cast<unsigned>(std::stoul(text)); }

struct Inner {
  std::string_view name;
  int words;  // that follow it
  void (*run)(char** words);
};

constexpr Inner inners[] = {
    {"floor", 3,
     [](char** words) {
       const Reads reads =
           std::string_view(words[2]) == "acl" ? Reads::status_and_acl : Reads::status;
       std::cout << walk(words[0], threads(words[1]), reads) << '\n';
     }},
    {"correct", 1, [](char** words) { std::cout << correct(words[0], as_made) << '\n'; }},
    {"literals", 1, [](char** words) { std::cout << look_at_each(words[0]) << '\n'; }},
    {"hash", 2, [](char** words) { std::cout << hash_each(words[0], threads(words[1])) << '\n'; }},
};

}  // namespace

std::optional<int> run_inner(int argc, char** argv) {
  if (argc < 3) return std::nullopt;
  const std::string_view name = argv[1];
  if (name == "run") return run_for_another(argv + 2);
  for (const Inner& one : inners) {
    if (one.name != name || argc != 2 + one.words) continue;
    one.run(argv + 2);
    return 0;
  }
  return std::nullopt;
}

}  // namespace permward::bench
