// SPDX-License-Identifier: Apache-2.0
// Mode texts: what is read settles every mode in one pass; what is not says where it is wrong.
#include "policy/mode_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_table(const ModeTable& table) {
  for (unsigned mode = 0; mode <= all_mode_bits; ++mode) {
    const ModeRow row = table.rows[execute_index(mode)];
    const unsigned once = corrected(mode, row);
    require(broken_bits(once, table.rows[execute_index(once)]) == 0);
    require(settled(mode, table) == once);
    require(((mode ^ once) & ~unsigned{table.parts}) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto want = parse_mode(text);
  if (!want) {
    require(want.error().offset <= text.size());
    require(!want.error().message.empty());
    return 0;
  }
  check_table(want->of_files);
  check_table(want->of_directories);
  if (want->form == ModeWant::Form::exact) require(*parse_octal_mode(text) == want->at_most);
  return 0;
}
