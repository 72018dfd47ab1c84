// SPDX-License-Identifier: Apache-2.0
// What the twins of apply are made of: how they begin and what is demanded of them, both drawn, and
// how the tools bring one there. Nothing here decides as the product does.
#pragma once

#include "model/acl.hpp"
#include "model/type.hpp"
#include "support/dice.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward::test::apply_twins {

struct Start {
  Type type = Type::file;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  unsigned mode = 0;
  std::vector<AclEntry> acl;
  std::vector<AclEntry> default_acl;
  std::string capabilities;
  std::string flags;
};

Start random_start(Dice& dice);

// Makes an object so.
void begin(const Start& start, const std::string& path);

struct Demand {
  std::optional<std::uint32_t> owner;
  std::optional<std::uint32_t> group;
  std::string mode;   // as the policy writes it
  std::string chmod;  // and chmod(1)
  std::optional<std::vector<std::string>> acl;
  std::optional<std::vector<std::string>> default_acl;
  std::optional<std::string> capabilities;
  std::string set;
  std::string clear;

  [[nodiscard]] std::string text() const;  // lines of a rule
};

Demand random_demand(Dice& dice, const Start& start);

// Makes of an object that began so what the demand says.
void bring(const Start& start, const Demand& demand, const std::string& path);

}  // namespace permward::test::apply_twins
