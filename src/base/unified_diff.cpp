// SPDX-License-Identifier: Apache-2.0
#include "base/unified_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <dtl/dtl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::size_t context = 3;  // lines before and after what differs

using Lines = std::vector<std::string_view>;  // with their newlines; the last may have none
using Numbers = std::vector<std::uint32_t>;   // the same for each line that is the same

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t length = newline == std::string_view::npos ? text.size() : newline + 1;
    out.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

// One line of either text, or of both.
struct Edit {
  char what = ' ';  // or '-', '+'
  std::string_view line;
};

Numbers numbered(const Lines& lines, std::unordered_map<std::string_view, std::uint32_t>& known) {
  Numbers out;
  out.reserve(lines.size());
  for (const std::string_view line : lines) {
    out.push_back(known.try_emplace(line, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return out;
}

std::vector<Edit> all_replaced(const Lines& before, const Lines& after) {
  std::vector<Edit> out;
  for (const std::string_view line : before) out.push_back({'-', line});
  for (const std::string_view line : after) out.push_back({'+', line});
  return out;
}

// From the one text to the other; of neighbours what is removed stands before what is added.
std::vector<Edit> edits_between(const Lines& before, const Lines& after) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  dtl::Diff<std::uint32_t, Numbers> diff(numbered(before, known), numbered(after, known));
  diff.compose();
  std::vector<Edit> out;
  std::vector<Edit> added;
  const auto put_added = [&] {
    out.insert(out.end(), added.begin(), added.end());
    added.clear();
  };
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  for (const auto& [number, info] : diff.getSes().getSequence()) {
    const bool of_before = info.type != dtl::SES_ADD;
    const bool of_after = info.type != dtl::SES_DELETE;
    const bool fits =
        (!of_before || old_line < before.size()) && (!of_after || new_line < after.size());
    if (!fits) return all_replaced(before, after);
    if (info.type == dtl::SES_ADD) {
      added.push_back({'+', after[new_line++]});
    } else if (info.type == dtl::SES_DELETE) {
      out.push_back({'-', before[old_line++]});
    } else {
      put_added();
      out.push_back({' ', before[old_line++]});
      ++new_line;
    }
  }
  put_added();
  const bool whole = old_line == before.size() && new_line == after.size();
  return whole ? out : all_replaced(before, after);
}

// Two texts as what they have in common at both ends, and what lies between.
struct Sides {
  Lines head;
  Lines before;
  Lines after;
  Lines tail;
};

Sides sides_of(std::string_view before, std::string_view after) {
  Sides out{{}, lines_of(before), lines_of(after), {}};
  const auto [old_line, new_line] =
      std::mismatch(out.before.begin(), out.before.end(), out.after.begin(), out.after.end());
  out.head.assign(out.before.begin(), old_line);
  out.before.erase(out.before.begin(), old_line);
  out.after.erase(out.after.begin(), new_line);
  const auto [old_end, new_end] =
      std::mismatch(out.before.rbegin(), out.before.rend(), out.after.rbegin(), out.after.rend());
  out.tail.assign(old_end.base(), out.before.end());
  out.before.erase(old_end.base(), out.before.end());
  out.after.erase(new_end.base(), out.after.end());
  return out;
}

std::vector<Edit> edits_of(const Sides& sides) {
  std::vector<Edit> out;
  for (const std::string_view line : sides.head) out.push_back({' ', line});
  const std::vector<Edit> middle = edits_between(sides.before, sides.after);
  out.insert(out.end(), middle.begin(), middle.end());
  for (const std::string_view line : sides.tail) out.push_back({' ', line});
  return out;
}

// "12,3"; of none the line before.
std::string range_text(std::size_t lines_before, std::size_t count) {
  if (count == 1) return std::to_string(lines_before + 1);
  return std::to_string(lines_before + (count == 0 ? 0 : 1)) + ',' + std::to_string(count);
}

std::size_t count_of(const std::vector<Edit>& edits, std::size_t from, std::size_t to, char other) {
  const auto begin = edits.begin();
  return static_cast<std::size_t>(std::count_if(
      begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to),
      [other](const Edit& edit) { return edit.what != other; }));
}

void append_line(const Edit& edit, std::string& out) {
  out += edit.what;
  out += edit.line;
  if (!edit.line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

// Where the hunk ends that has something at `at`: behind the context of its last change.
std::size_t end_of_hunk(const std::vector<Edit>& edits, std::size_t at) {
  std::size_t last = at;
  for (std::size_t i = at; i < edits.size() && i - last <= 2 * context + 1; ++i) {
    if (edits[i].what != ' ') last = i;
  }
  return std::min(edits.size(), last + 1 + context);
}

std::string hunks_of(const std::vector<Edit>& edits) {
  std::string out;
  std::size_t old_lines = 0;  // of either text, up to the edit
  std::size_t new_lines = 0;
  std::size_t done = 0;
  for (std::size_t at = 0; at < edits.size(); ++at) {
    if (edits[at].what == ' ') continue;
    const std::size_t begin = std::max(done, at - std::min(at, context));
    const std::size_t end = end_of_hunk(edits, at);
    old_lines += count_of(edits, done, begin, '+');
    new_lines += count_of(edits, done, begin, '-');
    const std::size_t olds = count_of(edits, begin, end, '+');
    const std::size_t news = count_of(edits, begin, end, '-');
    out += "@@ -" + range_text(old_lines, olds) + " +" + range_text(new_lines, news) + " @@\n";
    for (std::size_t i = begin; i < end; ++i) append_line(edits[i], out);
    old_lines += olds;
    new_lines += news;
    done = end;
    at = end - 1;
  }
  return out;
}

}  // namespace

bool is_text(std::string_view bytes) { return bytes.find('\0') == std::string_view::npos; }

std::optional<std::string> unified_diff(std::string_view before, std::string_view after) {
  if (std::max(before.size(), after.size()) > most_diffed_bytes) return std::nullopt;
  const Sides sides = sides_of(before, after);
  if (std::max(sides.before.size(), sides.after.size()) > most_diffed_lines) return std::nullopt;
  return hunks_of(edits_of(sides));
}

}  // namespace permward
