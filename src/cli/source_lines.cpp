// SPDX-License-Identifier: Apache-2.0
#include "cli/source_lines.hpp"

#include "policy/lines.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace permward {

void add_source_lines(Diagnostics& diagnostics, std::span<const SourceFile> files) {
  std::map<std::string_view, Lines> lines;  // of the files that are spoken of
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.line == 0 || !diagnostic.source_line.empty()) continue;
    const auto file = std::find_if(files.begin(), files.end(), [&](const SourceFile& candidate) {
      return candidate.name == diagnostic.file;
    });
    if (file == files.end()) continue;
    const auto known = lines.try_emplace(file->name, file->text).first;
    diagnostic.source_line = known->second.line(diagnostic.line);
  }
}

}  // namespace permward
