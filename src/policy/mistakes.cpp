// SPDX-License-Identifier: Apache-2.0
#include "policy/mistakes.hpp"

#include "policy/words.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr std::size_t longest_source_line = 400;

}  // namespace

Diagnostic diagnostic(Code code, std::string_view file, Pos pos, std::string message,
                      std::string help) {
  Diagnostic out = make_diagnostic(code, std::move(message), std::move(help));
  out.file = file;
  out.line = pos.line;
  out.column = pos.column;
  return out;
}

Mistakes::Kept& Mistakes::kept_with(Code code, Pos pos) {
  File& file = files_[pos.file];
  return severity(code) == Diagnostic::Severity::error ? file.errors : file.warnings;
}

bool Mistakes::wants(Code code, Pos pos) {
  Kept& kept = kept_with(code, pos);
  if (kept.mistakes.size() < limit || pos < kept.mistakes.rbegin()->pos) return true;
  ++kept.dropped;
  return false;
}

void Mistakes::add(Code code, Pos pos, std::string message, std::string help) {
  if (!wants(code, pos)) return;
  Kept& kept = kept_with(code, pos);
  kept.mistakes.insert({pos, code, std::move(message), std::move(help)});
  if (kept.mistakes.size() <= limit) return;
  kept.mistakes.erase(std::prev(kept.mistakes.end()));
  ++kept.dropped;
}

Diagnostics Mistakes::diagnostics(std::span<const Source> sources) const {
  Diagnostics out;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const File& file = files_[i];
    const Source& source = sources[i];
    std::vector<const Mistake*> shown;
    for (const Mistake& mistake : file.errors.mistakes) shown.push_back(&mistake);
    for (const Mistake& mistake : file.warnings.mistakes) shown.push_back(&mistake);
    std::sort(shown.begin(), shown.end(),
              [](const Mistake* a, const Mistake* b) { return *a < *b; });
    for (const Mistake* mistake : shown) {
      out.push_back(
          diagnostic(mistake->code, source.name, mistake->pos, mistake->message, mistake->help));
      out.back().source_line = source.lines.line(mistake->pos.line).substr(0, longest_source_line);
    }
    const auto add_rest = [&](const Kept& kept, Code code, std::string_view noun) {
      if (kept.dropped == 0) return;
      out.push_back(diagnostic(code, source.name, {},
                               "the file has " + counted(kept.dropped, noun) + " beyond these",
                               "correct those that are shown first"));
    };
    add_rest(file.errors, Code::more_errors, "mistake");
    add_rest(file.warnings, Code::more_warnings, "warning");
  }
  return out;
}

}  // namespace permward
