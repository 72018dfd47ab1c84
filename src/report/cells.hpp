// SPDX-License-Identifier: Apache-2.0
//
// How findings and rules are shown to people, wherever they are. Layer `report`; pure.
#pragma once

#include "model/finding.hpp"
#include "model/policy.hpp"
#include "model/pos.hpp"
#include "report/table.hpp"

#include <cstdint>
#include <string>

namespace permward {

// "web.toml:12"; empty where there is no place.
[[nodiscard]] std::string place_text(const Policy& policy, const Pos& pos);

// "nginx-conf (web.toml:12)": the rule, and `pos`, or its own header; empty of `of_no_rule`.
[[nodiscard]] std::string rule_text(const Policy& policy, std::uint32_t rule, const Pos& pos);
[[nodiscard]] std::string rule_text(const Policy& policy, std::uint32_t rule);

// Of what no rule decides it is that of rules that state none.
[[nodiscard]] Severity severity_of(const Policy& policy, const Finding& finding);

// "0666 → at most 0640"; of a pass what is there, as demanded; else that it could not be verified.
// Of what is long the message alone.
void add_values(Cell& cell, const Finding& finding);
// What the values leave to be said.
void add_message(Cell& cell, const Finding& finding);

}  // namespace permward
