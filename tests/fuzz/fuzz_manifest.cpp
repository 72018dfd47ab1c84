// SPDX-License-Identifier: Apache-2.0
// Manifests of snapshots: what is read is what would be written.
#include "store/manifest_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = permward::parse_manifest(text);
  if (manifest.ok() && permward::manifest_text(*manifest) != text) std::abort();
  return 0;
}
