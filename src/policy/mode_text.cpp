// SPDX-License-Identifier: Apache-2.0
#include "policy/mode_text.hpp"

#include "base/text.hpp"
#include "model/mode.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace permward {
namespace {

constexpr unsigned read_bits = 0444;
constexpr unsigned write_bits = 0222;
constexpr unsigned execute_bits = 0111;

constexpr std::size_t most_permuted = 6;  // clauses; 720 orders

struct ModeClause {
  std::string_view text;
  unsigned affected = 0;
  char op = '=';
  unsigned value = 0;  // before it is cut to what is affected
  bool x_if_any_x = false;
};

// The bits of the classes, as gnulib's modechange.c has them: the sticky bit is one of others.
unsigned affected_by(char user_class) {
  switch (user_class) {
    case 'u':
      return 04700;
    case 'g':
      return 02070;
    case 'o':
      return 01007;
    case 'a':
      return all_mode_bits;
    default:
      return 0;
  }
}

unsigned value_of(char permission) {
  switch (permission) {
    case 'r':
      return read_bits;
    case 'w':
      return write_bits;
    case 'x':
      return execute_bits;
    case 's':
      return set_id_bits;
    case 't':
      return sticky_bit;
    default:
      return 0;
  }
}

bool is_operator(char c) { return c == '=' || c == '+' || c == '-'; }

enum class ObjectKind : std::uint8_t { directory, other };

// What one clause does to a mode whose execute bits are among `mode`; changes both.
void apply(const ModeClause& clause, ObjectKind kind, unsigned& mode, ModeRow& row) {
  const bool directory = kind == ObjectKind::directory;
  const unsigned left_alone = directory ? set_id_bits & ~(clause.affected & clause.value) : 0;
  unsigned value = clause.value;
  if (clause.x_if_any_x && (directory || (mode & execute_bits) != 0)) value |= execute_bits;
  value &= clause.affected & ~left_alone;
  const unsigned decided = clause.op == '=' ? clause.affected & ~left_alone : value;
  const unsigned on = clause.op == '-' ? 0 : value;
  const auto replace = [decided](unsigned bits, unsigned by) { return (bits & ~decided) | by; };
  mode = replace(mode, on);
  row.set = static_cast<std::uint16_t>(replace(row.set, on));
  row.clear = static_cast<std::uint16_t>(replace(row.clear, decided & ~on));
}

// The mode of which only the execute bits are set that `execute_index` made `index` of.
unsigned execute_mode(unsigned index) { return (index & 4) << 4 | (index & 2) << 2 | (index & 1); }

ModeTable compile(std::span<const ModeClause> clauses, ObjectKind kind) {
  ModeTable table;
  for (unsigned index = 0; index < table.rows.size(); ++index) {
    ModeRow& row = table.rows[index];
    unsigned mode = execute_mode(index);
    for (const ModeClause& clause : clauses) apply(clause, kind, mode, row);
    table.parts = static_cast<std::uint16_t>(table.parts | row.set | row.clear);
  }
  return table;
}

// Whether a second pass changes nothing, for every mode. A row does the same to all modes with its
// execute bits, and to each of the other bits by itself: none of them and all of them speak for
// all.
bool settles(const ModeTable& table) {
  for (unsigned index = 0; index < table.rows.size(); ++index) {
    for (const unsigned others : {0U, all_mode_bits & ~execute_bits}) {
      const unsigned once = corrected(execute_mode(index) | others, table.rows[index]);
      if (corrected(once, table.rows[execute_index(once)]) != once) return false;
    }
  }
  return true;
}

bool settles(std::span<const ModeClause> clauses) {
  // Of a directory `X` is always x: there every order settles.
  return settles(compile(clauses, ObjectKind::other));
}

std::string joined(const std::vector<ModeClause>& clauses) {
  std::string out;
  for (const ModeClause& clause : clauses) out.append(out.empty() ? "" : ",").append(clause.text);
  return out;
}

// The clauses in an order that settles: `X` last if that does, for it is what was meant.
std::optional<std::string> settling_order(std::vector<ModeClause> clauses) {
  std::stable_partition(clauses.begin(), clauses.end(),
                        [](const ModeClause& clause) { return !clause.x_if_any_x; });
  if (settles(clauses)) return joined(clauses);
  if (clauses.size() > most_permuted) return std::nullopt;
  const auto by_place = [](const ModeClause& a, const ModeClause& b) {
    return a.text.data() < b.text.data();
  };
  std::sort(clauses.begin(), clauses.end(), by_place);
  while (std::next_permutation(clauses.begin(), clauses.end(), by_place)) {
    if (settles(clauses)) return joined(clauses);
  }
  return std::nullopt;
}

std::optional<TextError> missing_class(std::string_view clause, std::size_t offset) {
  if (!is_operator(clause[0])) return std::nullopt;
  return TextError{
      Code::bad_mode, "the clause " + quoted(clause) + " does not say whose permissions it changes",
      "write 'a" + std::string(clause) + "' for all, or 'u', 'g', 'o' before it", offset};
}

TextError bad_permission(std::string_view clause, std::size_t op, std::size_t at,
                         std::size_t offset) {
  const std::string_view before = clause.substr(0, op);
  const char c = clause[at];
  if (is_operator(c)) {
    return {Code::bad_mode, "two operators in the clause " + quoted(clause),
            "write two clauses: '" + std::string(clause.substr(0, at)) + "," + std::string(before) +
                printable(clause.substr(at)) + "'",
            offset + at};
  }
  if (affected_by(c) != 0) {
    return {Code::bad_mode,
            "the clause " + quoted(clause) + " copies the permissions of another class",
            "write out the permissions that are meant, as in '" +
                std::string(clause.substr(0, op + 1)) + "rw'",
            offset + at};
  }
  return {Code::bad_mode, quoted(clause.substr(at, 1)) + " is no permission",
          "a clause has 'r', 'w', 'x', 'X', 's' or 't' after '" + std::string(1, clause[op]) + "'",
          offset + at};
}

// `offset`: of the clause in the whole text.
Parsed<ModeClause> parse_clause(std::string_view text, std::size_t offset) {
  if (text.empty())
    return TextError{Code::bad_mode, "a clause is empty", "leave out the comma", offset};
  if (auto error = missing_class(text, offset)) return *error;
  ModeClause clause;
  clause.text = text;
  std::size_t at = 0;
  while (at < text.size() && affected_by(text[at]) != 0) clause.affected |= affected_by(text[at++]);
  if (at == 0 || at == text.size() || !is_operator(text[at])) {
    return TextError{
        Code::bad_mode, quoted(text) + " is no clause of a mode",
        "write 'u', 'g', 'o' or 'a', then '=', '+' or '-', then permissions, as in 'g-w'",
        offset + at};
  }
  const std::size_t op = at++;
  clause.op = text[op];
  for (; at < text.size(); ++at) {
    const unsigned value = value_of(text[at]);
    if (text[at] == 'X') {
      clause.x_if_any_x = true;
    } else if (value == 0) {
      return bad_permission(text, op, at, offset);
    }
    clause.value |= value;
  }
  return clause;
}

Parsed<ModeWant> parse_symbolic(std::string_view text) {
  std::vector<ModeClause> clauses;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    auto clause = parse_clause(text.substr(begin, end - begin), begin);
    if (!clause) return clause.error();
    clauses.push_back(*clause);
    begin = end + 1;
  }
  ModeWant want;
  want.form = ModeWant::Form::symbolic;
  want.text = text;
  want.of_files = compile(clauses, ObjectKind::other);
  want.of_directories = compile(clauses, ObjectKind::directory);
  if (settles(want.of_files)) return want;
  const auto order = settling_order(clauses);
  return TextError{Code::mode_unsettled,
                   "the clauses " + quoted(text) + " would change some modes again each time",
                   order ? "write '" + *order + "'" : "write 'x' where 'X' stands", 0};
}

}  // namespace

Parsed<std::uint16_t> parse_octal_mode(std::string_view text) {
  unsigned mode = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '7') {
      return TextError{Code::bad_mode, quoted(text) + " is not an octal mode",
                       "write three or four digits from 0 to 7, as in '0640'", at};
    }
    mode = (mode << 3 | static_cast<unsigned>(text[at] - '0')) & all_mode_bits;
  }
  if (text.size() != 3 && text.size() != 4) {
    return TextError{Code::bad_mode,
                     "the mode " + quoted(text) + " has " + counted(text.size(), "digit"),
                     "write three or four digits, as in '0640'", 0};
  }
  return static_cast<std::uint16_t>(mode);
}

Parsed<ModeWant> parse_mode(std::string_view text) {
  if (text.empty()) {
    return TextError{Code::bad_mode, "the mode is empty",
                     "write it as '0640' or as clauses, as in 'o-w'", 0};
  }
  if (text[0] < '0' || text[0] > '9') return parse_symbolic(text);
  const auto mode = parse_octal_mode(text);
  if (!mode) return mode.error();
  return ModeWant::exact(*mode);
}

}  // namespace permward
