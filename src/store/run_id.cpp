// SPDX-License-Identifier: Apache-2.0
#include "store/run_id.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace permward {
namespace {

constexpr std::size_t random_digits = 4;
constexpr unsigned greatest = 0xffff;
constexpr unsigned greatest_first = 0x7fff;  // so that there is room for those that follow

}  // namespace

std::string run_id_stem(std::chrono::sys_seconds started) {
  const auto day = std::chrono::floor<std::chrono::days>(started);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(started - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ-",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

std::optional<std::chrono::sys_seconds> time_of_run_id(std::string_view text) {
  static constexpr std::string_view form = "YYYYMMDDThhmmssZ-";
  for (const std::size_t separator : {form.find('T'), form.find('Z'), form.find('-')}) {
    if (text.size() < form.size() || text[separator] != form[separator]) return std::nullopt;
  }
  const auto part = [text](char of) {
    const std::size_t begin = form.find(of);
    const std::size_t end = form.rfind(of) + 1;
    int out = -1;  // where it is no number, which none of the parts may be
    const char* const last = text.data() + end;
    return std::from_chars(text.data() + begin, last, out).ptr == last ? out : -1;
  };
  const std::chrono::year_month_day date(std::chrono::year(part('Y')),
                                         std::chrono::month(static_cast<unsigned>(part('M'))),
                                         std::chrono::day(static_cast<unsigned>(part('D'))));
  const int hours = part('h');
  const int minutes = part('m');
  const int seconds = part('s');
  const auto within = [](int value, int most) { return value >= 0 && value < most; };
  if (!date.ok() || !within(hours, 24) || !within(minutes, 60) || !within(seconds, 60)) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

std::optional<std::string> next_run_id(std::string_view stem, std::string_view newest,
                                       std::uint16_t random) {
  unsigned number = random & greatest_first;
  if (newest.size() == stem.size() + random_digits && newest.starts_with(stem)) {
    const std::string_view text = newest.substr(stem.size());
    std::from_chars(text.begin(), text.end(), number, 16);
    if (++number > greatest) return std::nullopt;
  }
  std::array<char, 2 * random_digits> text{};
  std::snprintf(text.data(), text.size(), "%04x", number);
  return std::string(stem) + text.data();
}

}  // namespace permward
