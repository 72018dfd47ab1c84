// SPDX-License-Identifier: Apache-2.0
#include "engine/content_diff.hpp"

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/unified_diff.hpp"
#include "engine/judge.hpp"
#include "os/content.hpp"
#include "store/spool_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr std::string_view too_long = "it is too long";
constexpr std::string_view enough = "so much is shown already";

Result<std::string> read_all(const Extent& content) {
  std::string out(content.size, '\0');
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t got = ::pread(content.file, out.data() + done, out.size() - done,
                                static_cast<off_t>(content.begin + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read the copy", "");
    if (got == 0) return system_error(EIO, "read the copy", "");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

std::string heading(std::string_view sign, const DiffSide& side) {
  return std::string(sign) + ' ' + printable(side.path) + '\t' + std::string(side.when) + '\n';
}

ContentDiff withheld(std::string_view why) {
  return {"", "what differs is not shown: " + std::string(why)};
}

}  // namespace

ShortCopy short_copy(const Kernel& kernel, int held, const std::atomic<bool>* stop) {
  ShortCopy out;
  Result<Fd> file = spool_file(0);
  if (!file.ok()) {
    out.why_not = message_of(file.error());
    return out;
  }
  out.file = std::move(*file);
  const auto copied = copy_content(kernel, held, most_diffed_bytes, out.file.get(), 0, stop);
  const bool longer = !copied.ok() && copied.error().number == EFBIG;
  out.content = {out.file.get(), 0, std::uint64_t{most_diffed_bytes} + 1};
  if (copied.ok()) out.content.size = copied->size;
  if (!copied.ok() && !longer) out.why_not = message_of(copied.error());
  return out;
}

ContentDiff ContentDiffs::between(const DiffSide& before, const DiffSide& after, bool sensitive) {
  if (sensitive) return withheld("it is sensitive");
  const std::uint64_t longer = std::max(before.content.size, after.content.size);
  if (longer > most_diffed_bytes) return withheld(too_long);
  if (longer > most_compared - compared_) return withheld(enough);
  compared_ += longer;
  const Result<std::string> old_text = read_all(before.content);
  const Result<std::string> new_text = read_all(after.content);
  if (!old_text.ok() || !new_text.ok()) return withheld("the copies could not be read");
  if (!is_text(*old_text) || !is_text(*new_text)) return withheld("it is no text");
  const std::optional<std::string> lines = unified_diff(*old_text, *new_text);
  if (!lines) return withheld(too_long);
  if (lines->size() > most_shown - shown_) return withheld(enough);
  shown_ += lines->size();
  return {heading("---", before) + heading("+++", after) + *lines, ""};
}

}  // namespace permward
