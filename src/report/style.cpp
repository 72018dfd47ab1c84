// SPDX-License-Identifier: Apache-2.0
#include "report/style.hpp"

namespace permward {
namespace {

// ECMA-48, Select Graphic Rendition: the eight colours that every terminal has.
std::string_view sgr(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "1";
    case Style::dim:
      return "2";
    case Style::good:
      return "32";
    case Style::bad:
    case Style::high:
      return "31";
    case Style::notice:
    case Style::medium:
      return "33";
    case Style::info:
      return "34";
    case Style::low:
      return "36";
    case Style::critical:
      return "1;31";
  }
  return "";
}

}  // namespace

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return Style::info;
    case Severity::low:
      return Style::low;
    case Severity::medium:
      return Style::medium;
    case Severity::high:
      return Style::high;
    case Severity::critical:
      return Style::critical;
  }
  return Style::plain;
}

std::string styled(std::string_view text, Style style, Color color) {
  if (color == Color::never || style == Style::plain || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out.append(sgr(style)).append("m").append(text).append("\x1b[0m");
  return out;
}

}  // namespace permward
