// SPDX-License-Identifier: Apache-2.0
#include "report/diagnostics.hpp"

#include "base/text.hpp"
#include "report/escape.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace permward {
namespace {

constexpr std::size_t bytes_before_column = 60;
constexpr std::size_t bytes_from_column = 80;

std::string_view word(Diagnostic::Severity severity) {
  return severity == Diagnostic::Severity::error ? "error" : "warning";
}

std::string position(const Diagnostic& diagnostic) {
  if (diagnostic.file.empty()) return "permward";
  std::string out = printable(diagnostic.file);
  if (diagnostic.line == 0) return out;
  out += ':' + std::to_string(diagnostic.line);
  if (diagnostic.column != 0) out += ':' + std::to_string(diagnostic.column);
  return out;
}

// A piece of a policy's line; tabs are four blanks here and above the caret alike.
std::string shown_source(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t tab = text.find('\t');
    out += shown_text(text.substr(0, tab));
    if (tab == text.npos) return out;
    out += "    ";
    text.remove_prefix(tab + 1);
  }
}

// Where `at` lies inside a character of UTF-8, the offset of its first byte.
std::size_t character_start(std::string_view text, std::size_t at) {
  const std::size_t least = at < 3 ? 0 : at - 3;
  for (std::size_t i = at; i < text.size(); --i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return i;
    if (i == least) break;
  }
  return at;
}

struct Excerpt {
  std::string before;  // of the column
  std::string after;
};

Excerpt excerpt_of(const Diagnostic& diagnostic) {
  const std::string_view line = diagnostic.source_line;
  const std::size_t column = diagnostic.column == 0 ? 0 : diagnostic.column - 1;
  const std::size_t at = character_start(line, std::min(column, line.size()));
  std::size_t first =
      at > bytes_before_column ? character_start(line, at - bytes_before_column) : 0;
  std::size_t end = line.size();
  if (end - at > bytes_from_column) end = character_start(line, at + bytes_from_column);
  Excerpt out{shown_source(line.substr(first, at - first)),
              shown_source(line.substr(at, end - at))};
  if (first > 0) out.before = "…" + out.before;
  if (end < line.size()) out.after += "…";
  return out;
}

std::string terminal_text(const Diagnostic& diagnostic, Color color) {
  const bool error = diagnostic.severity == Diagnostic::Severity::error;
  std::string label(word(diagnostic.severity));
  if (!diagnostic.code.empty()) label += '[' + diagnostic.code + ']';
  std::string out = styled(label, error ? Style::critical : Style::notice, color) +
                    styled(": " + shown_text(diagnostic.message), Style::bold, color) + '\n';

  const std::string number = std::to_string(diagnostic.line);
  const std::string margin(diagnostic.line == 0 ? 1 : number.size(), ' ');
  const auto gutter = [&](std::string_view text) { return styled(text, Style::info, color); };
  if (!diagnostic.file.empty()) out += margin + gutter("--> ") + position(diagnostic) + '\n';
  if (diagnostic.line != 0 && !diagnostic.source_line.empty()) {
    const Excerpt excerpt = excerpt_of(diagnostic);
    out += margin + gutter(" |") + '\n';
    out += gutter(number + " | ") + excerpt.before + excerpt.after + '\n';
    out += margin + gutter(" |");
    if (diagnostic.column != 0) {
      out += ' ' + std::string(text_width(excerpt.before), ' ') +
             styled("^", error ? Style::critical : Style::notice, color);
    }
    out += '\n';
  }
  if (!diagnostic.help.empty()) {
    out += margin + gutter(" = ") + styled("help", Style::bold, color) + ": " +
           shown_text(diagnostic.help) + '\n';
  }
  return out + '\n';
}

}  // namespace

void write_diagnostics_for_terminal(const Diagnostics& diagnostics, Color color, Sink& sink) {
  for (const Diagnostic& diagnostic : diagnostics) sink.write(terminal_text(diagnostic, color));
}

void write_diagnostics_gnu(const Diagnostics& diagnostics, Sink& sink) {
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::string where = position(diagnostic);
    std::string out = where;
    out.append(": ").append(word(diagnostic.severity)).append(": ");
    out += shown_text(diagnostic.message);
    if (!diagnostic.code.empty()) out += " [" + diagnostic.code + ']';
    out += '\n';
    if (!diagnostic.help.empty()) out += where + ": note: " + shown_text(diagnostic.help) + '\n';
    sink.write(out);
  }
}

}  // namespace permward
