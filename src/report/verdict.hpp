// SPDX-License-Identifier: Apache-2.0
//
// The last line of a text report: what came of the run, in one line. Layer `report`; pure.
#pragma once

#include "model/run.hpp"
#include "model/validation.hpp"

#include <string>

namespace permward {

// Without a line end. Says what was found, in how many objects and by how many rules, what could
// not be verified, what was waived, and what nobody looked at: file systems that were not entered
// are named, but for procfs and its like, which are counted.
[[nodiscard]] std::string verdict(const RunReport& report);

// What is said in its place where an error ended the run.
[[nodiscard]] std::string not_ended(const Error& error);

// Whether the policy is valid, how much was read, and how many mistakes and warnings there are.
[[nodiscard]] std::string verdict(const Validation& validation);

}  // namespace permward
