// SPDX-License-Identifier: Apache-2.0
#include "os/host.hpp"

#include "os/read_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace permward {
namespace {

constexpr const char* hostname_path = "/etc/hostname";
constexpr std::size_t most_hostname_bytes = 64 * 1024;  // of the file
constexpr std::size_t longest_name = 255;
constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_name(std::string_view text) {
  const auto control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
  return text.size() <= longest_name && std::none_of(text.begin(), text.end(), control);
}

}  // namespace

std::optional<std::string> host_name() {
  std::array<char, longest_name + 1> name{};
  // One byte less than there is: a name that was cut need not end.
  if (::gethostname(name.data(), name.size() - 1) != 0) return std::nullopt;
  return name.data();
}

Result<std::optional<std::string>> host_name_of(PolicyTrust& way) {
  using Name = std::optional<std::string>;
  const Result<std::string> text = read_file_of(way, hostname_path, most_hostname_bytes);
  if (!text && text.error().kind == ErrorKind::not_found) return Name();
  if (!text) return text.error();
  const std::string_view name = trimmed(std::string_view(*text).substr(0, text->find('\n')));
  if (name.empty()) return Name();
  if (!is_name(name)) return system_error(EINVAL, "find a host name in", hostname_path);
  return Name(name);
}

}  // namespace permward
