// SPDX-License-Identifier: Apache-2.0
#include "engine/content_diff.hpp"

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/unified_diff.hpp"
#include "engine/judge.hpp"
#include "os/content.hpp"
#include "store/spool_file.hpp"

#include <cerrno>
#include <cstdint>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr unsigned readable_by_all = 04;
constexpr unsigned searched_by_all = 01;

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

bool is_sensitive(const Rule* rule, const ObjectState& before, const ObjectState& after) {
  if (rule != nullptr && rule->sensitive) return *rule->sensitive;
  return (before.mode & after.mode & readable_by_all) == 0;
}

bool lies_in_private(const std::vector<SnapshotObject>& objects, std::string_view path) {
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash != 0;
       slash = path.rfind('/', slash - 1)) {
    const SnapshotObject* const directory = find_object(objects, path.substr(0, slash));
    const bool known = directory != nullptr && directory->state.type == Type::directory;
    if (known && (directory->state.mode & searched_by_all) == 0) return true;
  }
  return false;
}

ContentDiff ContentDiffs::of_present(const Kernel& kernel, int held, const DiffSide& after,
                                     bool sensitive) {
  const Result<Fd> copy = spool_file(0);
  if (!copy.ok()) return withheld(message_of(copy.error()));
  const auto copied = copy_content(kernel, held, most_diffed_bytes, copy->get(), 0, nullptr);
  if (!copied.ok() && copied.error().number != EFBIG) return withheld(message_of(copied.error()));
  const std::uint64_t size = copied.ok() ? copied->size : std::uint64_t{most_diffed_bytes} + 1;
  return between({{copy->get(), 0, size}, after.path, "now"}, after, sensitive);
}

ContentDiff ContentDiffs::between(const DiffSide& before, const DiffSide& after, bool sensitive) {
  if (sensitive) return withheld("it is sensitive");
  if (before.content.size > most_diffed_bytes || after.content.size > most_diffed_bytes) {
    return withheld("it is too long");
  }
  const Result<std::string> old_text = read_all(before.content);
  const Result<std::string> new_text = read_all(after.content);
  if (!old_text.ok() || !new_text.ok()) return withheld("the copies could not be read");
  if (!is_text(*old_text) || !is_text(*new_text)) return withheld("it is no text");
  if (!can_be_diffed(*old_text, *new_text)) return withheld("it is too long");
  std::string lines = unified_diff(*old_text, *new_text);
  if (lines.size() > most_shown - shown_) return withheld("so much is shown already");
  shown_ += lines.size();
  return {heading("---", before) + heading("+++", after) + lines, ""};
}

}  // namespace permward
