// SPDX-License-Identifier: Apache-2.0
#include "store/archive_seal.hpp"

#include <algorithm>

namespace permward {
namespace {

// The number of such a frame, then how long its content is, each as 4 bytes, the lowest first. The
// number is one of 16, which differ in the lowest bits.
constexpr std::string_view begin("\x50\x2a\x4d\x18\x20\0\0\0", 8);
constexpr std::string_view begin_of_all = begin.substr(1);

bool is_skipped(char number) { return (static_cast<unsigned char>(number) & 0xf0U) == 0x50U; }

}  // namespace

std::string seal_of(const Sha256::Digest& before) {
  std::string out(begin);
  out.append(reinterpret_cast<const char*>(before.data()), before.size());
  return out;
}

void SealSearch::follow(std::string_view bytes) {
  if (bytes.empty() || in_ == In::broken) return;
  if (in_ == In::end) {
    in_ = In::broken;
    return;
  }
  kept_ += bytes;
  if (in_ == In::archive) look_for_begin();
  if (in_ == In::seal && kept_.size() >= seal_size) compare();
}

// That what looks like a seal is something else by chance is as good as never.
void SealSearch::look_for_begin() {
  std::size_t at = kept_.find(begin_of_all, 1);
  while (at != kept_.npos && !is_skipped(kept_[at - 1])) at = kept_.find(begin_of_all, at + 1);
  if (at != kept_.npos) in_ = In::seal;
  const std::size_t may_begin = std::min(kept_.size(), begin.size() - 1);
  const std::size_t before = in_ == In::seal ? at - 1 : kept_.size() - may_begin;
  before_.add(std::string_view(kept_).substr(0, before));
  kept_.erase(0, before);
}

void SealSearch::compare() { in_ = kept_ == seal_of(before_.digest()) ? In::end : In::broken; }

}  // namespace permward
