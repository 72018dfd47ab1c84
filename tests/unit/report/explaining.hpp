// SPDX-License-Identifier: Apache-2.0
// An answer to print: `nginx-conf` decides what it says of the mode of one file, `nginx-tree` the
// rest.
#pragma once

#include "builders.hpp"
#include "model/explanation.hpp"

#include <string>
#include <utility>

namespace permward::test {

inline ExplainedClause clause(Aspect aspect, std::string says, std::uint16_t parts,
                              std::uint16_t decides, std::uint32_t line) {
  ExplainedClause out;
  out.aspect = aspect;
  out.says = std::move(says);
  out.parts = parts;
  out.decides = decides;
  out.source = {0, line, 1};
  return out;
}

inline Explanation explanation() {
  Explanation out;
  out.path = "/etc/nginx/nginx.conf";
  out.type = out.as = Type::file;
  out.rules = {{0, MatchKind::literal, "/etc/nginx/nginx.conf", "", {}},
               {1, MatchKind::recursion, "/etc/nginx", "", {}}};
  out.rules[0].clauses = {clause(Aspect::mode, "o-w", 0002, 0002, 14)};
  out.rules[1].clauses = {clause(Aspect::owner, "root", 1, 1, 33),
                          clause(Aspect::mode, "at most 0644", 07777, 07775, 34)};
  out.rules[1].clauses[1].outranked = {{0002, 0, {0, 14, 1}}};
  out.decided = {
      {with_status(finding("/etc/nginx/nginx.conf", Aspect::owner, "root", "root", "", 1),
                   Status::pass),
       1},
      {finding("/etc/nginx/nginx.conf", Aspect::mode, "0666", "o-w", "others may write"), 0002}};
  return out;
}

inline ExplainReport report_of(const Policy& policy, std::vector<Explanation> explanations) {
  ExplainReport out;
  out.run = run(policy, {}, 0);
  out.run.command = "explain";
  out.explanations = std::move(explanations);
  return out;
}

}  // namespace permward::test
