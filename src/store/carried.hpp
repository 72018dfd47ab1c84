// SPDX-License-Identifier: Apache-2.0
//
// Contents in a spool, on their way into a generation: those that were just copied, and those that
// are taken over from an earlier generation. Layer `store`.
#pragma once

#include "base/result.hpp"
#include "model/snapshot.hpp"
#include "os/capture.hpp"
#include "store/archive.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {

// Objects, and of each file where its content begins in the spool; of others 0.
struct SpooledObjects {
  std::vector<SnapshotObject> objects;  // in the order of their paths, each once
  std::vector<std::uint64_t> contents;  // one an object
};

// What `over` has, and of `under` what it lacks.
[[nodiscard]] SpooledObjects laid_over(SpooledObjects over, SpooledObjects under);

// Hands out the contents of objects in their order. `spooled` must outlive it. Errors: of pread(2).
class SpooledContents final : public ContentSource {
 public:
  SpooledContents(int file, const SpooledObjects& spooled) : file_(file), spooled_(spooled) {}
  Result<std::size_t> read(const SnapshotObject& object, std::span<char> room) override;

 private:
  int file_;
  const SpooledObjects& spooled_;
  std::string path_;  // of the file that is being read
  std::uint64_t at_ = 0;
  std::uint64_t left_ = 0;
};

// Copies those objects of an archive that are wanted to the spool. Errors: of pwrite(2).
class CarryOver final : public ArchiveVisitor {
 public:
  CarryOver(std::function<bool(const std::string& path)> wanted, Spool& spool)
      : wanted_(std::move(wanted)), spool_(spool) {}

  Result<void> begin(const Manifest& manifest) override;
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override;
  Result<void> complete(const SnapshotObject& object) override;

  SpooledObjects taken;

 private:
  std::function<bool(const std::string& path)> wanted_;
  Spool& spool_;
  std::uint64_t begin_ = 0;  // of the content in hand
};

}  // namespace permward
