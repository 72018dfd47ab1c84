// SPDX-License-Identifier: Apache-2.0
//
// The top of policy files: `schema`, `[policy]`, `[variables]`, and where rules, overrides and
// waivers stand. Layer `policy`; pure.
#pragma once

#include "policy/document.hpp"
#include "policy/reading.hpp"
#include "policy/variables.hpp"

#include <cstdint>
#include <vector>

namespace permward {

// An element of `[[rule]]`, `[[override]]` or `[[waiver]]`, not read yet.
struct RawTable {
  Pos pos;  // of its header
  Value value;
};

struct RawPolicy {
  std::vector<RawTable> rules;
  std::vector<RawTable> overrides;
  std::vector<RawTable> waivers;
  std::vector<Entry> trust;  // `trust` of `[policy]`
};

// Adds what `document`, the next file, has to `policy`, and its variables to `variables`.
void read_file(Reading& reading, Variables& variables, const Document& document, RawPolicy& policy);

}  // namespace permward
