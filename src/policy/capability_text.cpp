// SPDX-License-Identifier: Apache-2.0
#include "policy/capability_text.hpp"

#include "policy/words.hpp"

#include <sys/capability.h>

#include <memory>

namespace permward {
namespace {

struct FreeCapabilities {
  void operator()(cap_t capabilities) const { cap_free(capabilities); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

// Bit N where capability N has the flag. Those that libcap does not know have none.
std::uint64_t flagged(const Capabilities& capabilities, cap_flag_t flag) {
  std::uint64_t set = 0;
  for (int number = 0; number < 64; ++number) {
    cap_flag_value_t value = CAP_CLEAR;
    if (cap_get_flag(capabilities.get(), number, flag, &value) != 0) break;
    if (value == CAP_SET) set |= std::uint64_t{1} << number;
  }
  return set;
}

TextError mistake(std::string message, std::string help) {
  return {Code::bad_capabilities, std::move(message), std::move(help)};
}

}  // namespace

Parsed<CapabilitiesWant> parse_capabilities_text(const std::string& text) {
  if (text.empty()) return CapabilitiesWant{};
  const bool whole = text.find('\0') == text.npos;
  const Capabilities capabilities(whole ? cap_from_text(text.c_str()) : nullptr);
  if (!capabilities) {
    return mistake(quoted(text) + " are no file capabilities",
                   "write them as setcap(8) takes them, as in \"cap_net_bind_service=ep\"; \"\" "
                   "demands that there are none");
  }
  FileCapabilities value;
  value.permitted = flagged(capabilities, CAP_PERMITTED);
  value.inheritable = flagged(capabilities, CAP_INHERITABLE);
  const std::uint64_t effective = flagged(capabilities, CAP_EFFECTIVE);
  value.effective = effective != 0;
  if (value.effective && effective != (value.permitted | value.inheritable)) {
    return mistake("of a file, 'e' is of all its capabilities or of none",
                   "give each of them 'e', or none");
  }
  return CapabilitiesWant{value};
}

}  // namespace permward
