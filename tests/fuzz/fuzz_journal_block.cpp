// SPDX-License-Identifier: Apache-2.0
// Blocks of the journal: what is read from one is what can be written, and reads the same again.
// The first byte of an input says which it is, the next how many members, less one.
#include "store/journal_block.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace permward;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Read>
void round_trip(std::string_view block, std::size_t count, const Read& read) {
  const auto members = read(block, count);
  if (!members) return;
  require(members->size() == count);
  std::string again;
  const std::size_t written = write_block(again, std::span(*members));
  require(written >= 1 && written <= count);
  const auto same = read(again, written);
  require(same.has_value());
  for (std::size_t i = 0; i < written; ++i) require((*same)[i] == (*members)[i]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view block(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t count = std::size_t{data[1]} + 1;
  if (data[0] % 2 == 0) {
    round_trip(block, count, read_changes);
  } else {
    round_trip(block, count, read_outcomes);
  }
  return 0;
}
