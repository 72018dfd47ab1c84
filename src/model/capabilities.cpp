// SPDX-License-Identifier: Apache-2.0
#include "model/capabilities.hpp"

#include <array>
#include <string_view>

namespace permward {
namespace {

// By number; linux 6.18, include/uapi/linux/capability.h.
constexpr std::array<std::string_view, 41> names = {"chown",
                                                    "dac_override",
                                                    "dac_read_search",
                                                    "fowner",
                                                    "fsetid",
                                                    "kill",
                                                    "setgid",
                                                    "setuid",
                                                    "setpcap",
                                                    "linux_immutable",
                                                    "net_bind_service",
                                                    "net_broadcast",
                                                    "net_admin",
                                                    "net_raw",
                                                    "ipc_lock",
                                                    "ipc_owner",
                                                    "sys_module",
                                                    "sys_rawio",
                                                    "sys_chroot",
                                                    "sys_ptrace",
                                                    "sys_pacct",
                                                    "sys_admin",
                                                    "sys_boot",
                                                    "sys_nice",
                                                    "sys_resource",
                                                    "sys_time",
                                                    "sys_tty_config",
                                                    "mknod",
                                                    "lease",
                                                    "audit_write",
                                                    "audit_control",
                                                    "setfcap",
                                                    "mac_override",
                                                    "mac_admin",
                                                    "syslog",
                                                    "wake_alarm",
                                                    "block_suspend",
                                                    "audit_read",
                                                    "perfmon",
                                                    "bpf",
                                                    "checkpoint_restore"};

constexpr std::uint32_t revision_mask = 0xff000000;
constexpr std::uint32_t effective_flag = 0x000001;
constexpr std::size_t word = 4;

struct Revision {
  std::uint32_t number;
  std::size_t pairs;  // of permitted and inheritable, 32 bits each
  bool has_root_id;
};
constexpr std::array<Revision, 3> revisions = {
    {{0x01000000, 1, false}, {0x02000000, 2, false}, {0x03000000, 2, true}}};

std::uint32_t little_endian_word(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = word; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

void append_word(std::vector<std::byte>& out, std::uint64_t value) {
  for (std::size_t i = 0; i < word; ++i, value >>= 8) out.push_back(std::byte(value & 0xff));
}

std::string names_of(std::uint64_t set) {
  std::string out;
  for (unsigned number = 0; number < 64; ++number) {
    if ((set >> number & 1) == 0) continue;
    if (!out.empty()) out += ',';
    out += "cap_";
    out += number < names.size() ? std::string(names[number]) : std::to_string(number);
  }
  return out;
}

}  // namespace

std::optional<FileCapabilities> parse_capabilities(std::span<const std::byte> value) {
  if (value.size() < word) return std::nullopt;
  const std::uint32_t head = little_endian_word(value);
  for (const Revision& revision : revisions) {
    if ((head & revision_mask) != revision.number) continue;
    const std::size_t words = 1 + 2 * revision.pairs + (revision.has_root_id ? 1 : 0);
    if (value.size() != words * word) return std::nullopt;
    FileCapabilities out;
    out.effective = (head & effective_flag) != 0;
    for (std::size_t pair = 0; pair < revision.pairs; ++pair) {
      const auto at = [&](std::size_t index) {
        return std::uint64_t{little_endian_word(value.subspan((1 + 2 * pair + index) * word))}
               << (32 * pair);
      };
      out.permitted |= at(0);
      out.inheritable |= at(1);
    }
    if (revision.has_root_id) out.root_id = little_endian_word(value.subspan((words - 1) * word));
    return out;
  }
  return std::nullopt;
}

std::vector<std::byte> encode_capabilities(const FileCapabilities& capabilities) {
  const Revision& revision = revisions[capabilities.root_id == 0 ? 1 : 2];
  std::vector<std::byte> out;
  append_word(out, revision.number | (capabilities.effective ? effective_flag : 0));
  for (std::size_t pair = 0; pair < revision.pairs; ++pair) {
    append_word(out, capabilities.permitted >> (32 * pair));
    append_word(out, capabilities.inheritable >> (32 * pair));
  }
  if (revision.has_root_id) append_word(out, capabilities.root_id);
  return out;
}

std::string capabilities_text(const std::optional<FileCapabilities>& capabilities) {
  if (!capabilities) return "none";
  const std::uint64_t both = capabilities->permitted & capabilities->inheritable;
  const std::string effective = capabilities->effective ? "e" : "";
  std::string out;
  const auto add = [&](std::uint64_t set, const char* flags) {
    if (set == 0) return;
    if (!out.empty()) out += ' ';
    out += names_of(set) + "=" + effective + flags;
  };
  add(both, "ip");
  add(capabilities->permitted & ~both, "p");
  add(capabilities->inheritable & ~both, "i");
  if (out.empty()) out = "=";
  if (capabilities->root_id != 0) {
    out += " [rootid=" + std::to_string(capabilities->root_id) + "]";
  }
  return out;
}

}  // namespace permward
