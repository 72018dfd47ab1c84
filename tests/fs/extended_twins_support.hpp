// SPDX-License-Identifier: Apache-2.0
// What files have beside mode and access ACL, and the tools that show and set it, for
// `extended_twins_test.cpp`. Nothing here reads a default ACL, an attribute or a capability as the
// product does.
#pragma once

#include "model/finding.hpp"
#include "support/dice.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace permward::test::extended_twins {

using Paths = std::vector<std::string>;
using Shown = std::map<std::string, std::string>;  // path to what the tool shows of it

// Throws errno.
void require(bool done, const std::string& doing);

// Whether the command ends well.
bool runs(const std::vector<std::string>& command);

std::vector<std::string> with(std::vector<std::string> command, const Paths& paths);

std::string joined(const std::vector<std::string>& parts, const std::string& between);

// The verdict of a twin that was `before` and is `after`.
Status by_change(const std::string& before, const std::string& after);

// A kind of thing that files have, its tools, and one demand at a time.
class Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;
  [[nodiscard]] virtual std::string aspect() const = 0;
  // Makes objects, each of `pairs` and its twin alike.
  virtual void make(Dice& dice, const std::vector<std::pair<std::string, std::string>>& pairs) = 0;
  // Another demand; its value in TOML.
  virtual std::string draw(Dice& dice) = 0;
  [[nodiscard]] virtual Shown show(const Paths& paths) const = 0;
  // Sets on the twins what the demand whose value in TOML is `demand` says.
  virtual void set(const std::string& demand, const Shown& before) = 0;
  [[nodiscard]] virtual Status expected(const std::string& demand, const std::string& before,
                                        const std::string& after) const = 0;
};

std::unique_ptr<Kind> default_acls();
std::unique_ptr<Kind> attributes();
std::unique_ptr<Kind> capabilities();

}  // namespace permward::test::extended_twins
