// SPDX-License-Identifier: Apache-2.0
// What `./dev bench` is asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace permward::bench {

struct Options {
  bool help = false;  // nothing but that: the others count for nothing
  std::string permward;
  std::string json;
  std::string markdown;
  std::string directory;                             // where the corpora are made
  std::string policy = "policies/debian-base.toml";  // of the part debian-base
  std::vector<std::string> only;                     // parts; empty: all
  std::size_t files = 100000;
  std::size_t literals = 100000;
  std::size_t content_mib = 256;
  std::size_t rounds = 7;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

// A mistake in the arguments, as a message; the usage is to be shown with it.
struct Usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// `parts`: the names that --only takes. Throws `Usage`.
Options parse_options(std::span<char* const> arguments, std::span<const std::string_view> parts);

std::string usage(std::span<const std::string_view> parts);

}  // namespace permward::bench
