// SPDX-License-Identifier: Apache-2.0
#include "bench/options.hpp"

#include <charconv>
#include <cstdlib>

namespace permward::bench {
namespace {

constexpr std::string_view usage_text =
    "usage: bench --permward PROGRAM [OPTIONS]\n"
    "  --files N        files in the tree (default 100000)\n"
    "  --literals N     rules of the part literals, at most one a file (default 100000)\n"
    "  --content N      MiB of content of the part hash (default 256)\n"
    "  --rounds N       rounds of each comparison (default 7)\n"
    "  --jobs N         the most threads (default: the CPUs); much is run with 1 and with N\n"
    "  --only PART      one part; may be repeated (default: all)\n"
    "  --dir DIR        where files are made (default: $TMPDIR, else /var/tmp)\n"
    "  --policy FILE    the policy of debian-base (default: policies/debian-base.toml)\n"
    "  --json FILE      the figures, for programs\n"
    "  --markdown FILE  the figures, as a table\n"
    "  --help           this, and nothing else\n"
    "parts: ";

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

template <typename Number>
void read_number(std::string_view option, std::string_view text, Number& out) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw Usage(std::string(option) + " wants a number above 0, not " + std::string(text));
  }
  out = value;
}

void read_part(std::string_view text, std::span<const std::string_view> parts, Options& out) {
  if (std::find(parts.begin(), parts.end(), text) == parts.end()) {
    throw Usage("--only wants one of " + joined(parts) + ", not " + std::string(text));
  }
  out.only.emplace_back(text);
}

// Those whose value is a text, or null.
std::string* text_of(std::string_view option, Options& out) {
  if (option == "--permward") return &out.permward;
  if (option == "--json") return &out.json;
  if (option == "--markdown") return &out.markdown;
  if (option == "--dir") return &out.directory;
  if (option == "--policy") return &out.policy;
  return nullptr;
}

// Those whose value is an amount, or null.
std::size_t* amount_of(std::string_view option, Options& out) {
  if (option == "--files") return &out.files;
  if (option == "--literals") return &out.literals;
  if (option == "--content") return &out.content_mib;
  if (option == "--rounds") return &out.rounds;
  return nullptr;
}

}  // namespace

Options parse_options(std::span<char* const> arguments, std::span<const std::string_view> parts) {
  Options out;
  const char* tmpdir = std::getenv("TMPDIR");
  out.directory = tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/var/tmp";
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string_view option = arguments[i];
    if (option == "--help") {
      out.help = true;
      return out;
    }
    if (i + 1 == arguments.size()) throw Usage(std::string(option) + " wants a value");
    const std::string_view value = arguments[i + 1];
    if (std::string* text = text_of(option, out)) {
      *text = value;
    } else if (std::size_t* amount = amount_of(option, out)) {
      read_number(option, value, *amount);
    } else if (option == "--jobs") {
      read_number(option, value, out.jobs);
    } else if (option == "--only") {
      read_part(value, parts, out);
    } else {
      throw Usage("unknown option " + std::string(option));
    }
  }
  if (out.permward.empty()) throw Usage("--permward is missing");
  return out;
}

std::string usage(std::span<const std::string_view> parts) {
  return std::string(usage_text) + joined(parts) + '\n';
}

}  // namespace permward::bench
