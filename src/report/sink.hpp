// SPDX-License-Identifier: Apache-2.0
//
// Where a report goes, piece by piece: a million findings are never one string. Layer `report`.
#pragma once

#include <string>
#include <string_view>

namespace permward {

// A write that fails is remembered by the sink, and what follows it is dropped; writers go on and
// need not ask. Whoever made the sink asks it at the end.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view bytes) = 0;
};

class StringSink final : public Sink {
 public:
  void write(std::string_view bytes) override { text_ += bytes; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace permward
