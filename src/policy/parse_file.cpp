// SPDX-License-Identifier: Apache-2.0
#include "policy/parse_file.hpp"

#include "policy/screen.hpp"

#include <string>
#include <utility>

namespace permward {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

std::optional<Document> parse_file(Mistakes& mistakes, std::uint32_t file, std::string_view text,
                                   Source& source) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (const auto refusal = refuse_size(text)) {
    mistakes.add(refusal->code, {file, 0, 0}, refusal->message, refusal->help);
    return std::nullopt;
  }
  const Lines& lines = source.lines = Lines(text);
  const auto fail = [&](Code code, std::size_t offset, const std::string& message,
                        const std::string& help) {
    const Lines::Place place = lines.place(offset);
    mistakes.add(code, {file, place.line, place.column}, message, help);
    return std::nullopt;
  };
  if (const auto refusal = refuse_content(text)) {
    return fail(refusal->code, *refusal->offset, refusal->message, refusal->help);
  }
  auto document = Document::parse(lines, file);
  if (document) return std::move(*document);
  const TextError& error = document.error();
  return fail(error.code, error.offset, error.message, error.help);
}

}  // namespace permward
