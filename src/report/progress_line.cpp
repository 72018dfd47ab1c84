// SPDX-License-Identifier: Apache-2.0
#include "report/progress_line.hpp"

#include "base/text.hpp"
#include "report/escape.hpp"

#include <algorithm>

namespace permward {
namespace {

constexpr std::size_t least_directory = 8;  // columns in which a directory still tells something

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The last `width` columns of `text`.
std::string_view last_columns(std::string_view text, std::size_t width) {
  std::size_t at = text.size();
  for (std::size_t taken = 0; taken < width && at > 0; ++taken) {
    do --at;
    while (at > 0 && continues_code_point(text[at]));
  }
  return text.substr(at);
}

std::string shortened(std::string_view directory, std::size_t width) {
  std::string text = printable(directory);
  if (text_width(text) <= width) return text;
  return "…" + std::string(last_columns(text, width - 1));
}

}  // namespace

std::string progress_line(std::uint64_t objects, std::chrono::milliseconds elapsed,
                          std::string_view directory, std::size_t width) {
  const auto milliseconds =
      static_cast<std::uint64_t>(std::max<std::chrono::milliseconds::rep>(1, elapsed.count()));
  const std::string counts = std::to_string(objects) + " objects, " +
                             std::to_string(objects * 1000 / milliseconds) + " a second";
  const bool room = counts.size() + 2 + least_directory <= width;
  if (directory.empty() || !room) return counts.substr(0, width);
  return counts + ", " + shortened(directory, width - counts.size() - 2);
}

}  // namespace permward
