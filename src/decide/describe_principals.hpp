// SPDX-License-Identifier: Apache-2.0
//
// Users and groups that control something, in the words of the report and of the policy. Layer
// `decide`; pure.
#pragma once

#include "model/accounts.hpp"
#include "model/control.hpp"

#include <string>

namespace permward {

// "everyone", "user mallory and group 100"; of many the first few.
[[nodiscard]] std::string principals_text(const Principals& who, const AccountNames& names);

// As `trust` lists them: "\"mallory\", \"@100\"", "\"*\"".
[[nodiscard]] std::string trust_text(const Principals& who, const AccountNames& names);

}  // namespace permward
