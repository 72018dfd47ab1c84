// SPDX-License-Identifier: Apache-2.0
#include "base/words.hpp"

#include <array>
#include <cstdio>

namespace permward {

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string out = std::to_string(count);
  out.append(" ").append(noun);
  if (count != 1) out += 's';
  return out;
}

std::string listed(std::span<const std::string> parts, std::string_view conjunction) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && i + 1 == parts.size()) out.append(" ").append(conjunction).append(" ");
    if (i > 0 && i + 1 < parts.size()) out += ", ";
    out += parts[i];
  }
  return out;
}

std::string date_text(std::chrono::year_month_day date) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

}  // namespace permward
