// SPDX-License-Identifier: Apache-2.0
// Tables of modes against every mode that there is.
#include "model/mode.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"

#include <string>
#include <vector>

namespace permward::test {
namespace {

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = {
      "o-w", "ug-s", "a+X",        "g=rX", "u=rw,g=r,o=", "o-x",     "u-x",     "g+X,o-rwx",
      "u+x", "a+t",  "a=rwX",      "go=",  "u+s,g-s",     "a-x",     "u=rwXs",  "g=s",
      "o+X", "a=",   "u=rwxs,o=t", "g-X",  "ug+x,o-x",    "u=X,g=X", "o=rX,g-w"};
  return all;
}

ModeWant drawn() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return exact(*rc::gen::inRange(0U, 010000U));
    case 1:
      return at_most(*rc::gen::inRange(0U, 010000U));
    case 2:
      return at_least(*rc::gen::inRange(0U, 010000U));
    default:
      return symbolic(*rc::gen::elementOf(texts()));
  }
}

// One pass over all bits, as a merged table has them.
unsigned once(unsigned mode, const ModeTable& table) {
  return corrected(mode, table.rows[execute_index(mode)]);
}

TEST_CASE("a table of clauses does to each of the 4096 modes what chmod does") {
  for (const std::string& text : texts()) {
    for (const Type type : {Type::file, Type::directory}) {
      const ModeWant want = symbolic(text);
      for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
        const unsigned wanted = chmod(text, mode, type);
        INFO(text << " on " << mode_text(mode));
        const bool same = once(mode, want.table(type)) == wanted;
        if (!same) REQUIRE(mode_text(once(mode, want.table(type))) == mode_text(wanted));
        const bool in_policy = broken_bits(mode, want.table(type).rows[execute_index(mode)]) == 0;
        if (in_policy != (wanted == mode)) REQUIRE(in_policy == (wanted == mode));
        const bool outside = ((mode ^ wanted) & ~want.table(type).parts) != 0;
        if (outside) REQUIRE_FALSE(outside);
      }
    }
  }
}

TEST_CASE("an exact mode and bounds hold of just the modes that they name") {
  check_property("bounds on all modes", 60, 2000, [] {
    const unsigned most = *rc::gen::inRange(0U, 010000U);
    const unsigned least = *rc::gen::inRange(0U, 010000U) & most;
    const ModeWant range = between(least, most);
    const ModeWant one = exact(most);
    for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
      const unsigned index = execute_index(mode);
      const bool within = (mode & ~most) == 0 && (least & ~mode) == 0;
      RC_ASSERT((broken_bits(mode, range.of_files.rows[index]) == 0) == within);
      RC_ASSERT((broken_bits(mode, one.of_files.rows[index]) == 0) == (mode == most));
      RC_ASSERT(corrected(mode, range.of_files.rows[index]) == ((mode & most) | least));
    }
  });
}

TEST_CASE("merged tables are in force together, each over its own bits") {
  check_property("merged tables on all modes", 150, 3000, [] {
    const ModeWant first = drawn();
    const ModeWant second = drawn();
    for (const Type type : {Type::file, Type::directory}) {
      const ModeTable& a = first.table(type);
      const ModeTable& b = second.table(type);
      const auto rest = static_cast<std::uint16_t>(b.parts & ~a.parts);
      ModeTable merged = a;
      merge(merged, b, rest);
      RC_ASSERT(merged.parts == (a.parts | b.parts));
      for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
        const unsigned index = execute_index(mode);
        const unsigned wanted =
            broken_bits(mode, a.rows[index]) | (broken_bits(mode, b.rows[index]) & rest);
        RC_ASSERT(broken_bits(mode, merged.rows[index]) == wanted);
      }
    }
  });
}

TEST_CASE("three rounds settle every mode, and what is settled is in policy") {
  check_property("settled modes of three rules", 60, 2000, [] {
    const ModeWant wants[] = {drawn(), drawn(), drawn()};
    for (const Type type : {Type::file, Type::directory}) {
      ModeTable table;
      for (const ModeWant& want : wants) {
        const auto rest = static_cast<std::uint16_t>(want.table(type).parts & ~table.parts);
        merge(table, want.table(type), rest);
      }
      for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
        const unsigned after = settled(mode, table);
        RC_ASSERT(once(after, table) == after);
        RC_ASSERT(settled(after, table) == after);
        RC_ASSERT(((after ^ mode) & ~table.parts) == 0);
        // It is the mode itself only if the mode is in policy.
        const bool in_policy = broken_bits(mode, table.rows[execute_index(mode)]) == 0;
        RC_ASSERT(in_policy == (after == mode));
        RC_ASSERT(broken_bits(after, table.rows[execute_index(after)]) == 0);
      }
    }
  });
}

}  // namespace
}  // namespace permward::test
