// SPDX-License-Identifier: Apache-2.0
//
// What was accepted: the objects of the newest accepted generation, which pinned content is
// compared with. Layer `model`; pure.
#pragma once

#include "base/sha256.hpp"
#include "model/file_stamp.hpp"
#include "model/observation.hpp"
#include "model/snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {

class Baseline {
 public:
  // Nothing was accepted yet.
  Baseline() = default;
  // Of a manifest: sorted by path.
  Baseline(std::string id, std::vector<SnapshotObject> objects)
      : id_(std::move(id)), objects_(std::move(objects)) {}
  // Files that need not be read to be known: in the order of their paths.
  void trust(std::vector<StampedFile> stamped) { stamped_ = std::move(stamped); }
  // The content of the file that is at the path, and is as in the status; nothing: who wants to
  // know has to read it.
  [[nodiscard]] std::optional<Sha256::Digest> trusted_content(std::string_view path,
                                                              const FileStamp& stamp) const;

  [[nodiscard]] bool trusts_any() const { return !stamped_.empty(); }

  // There is one, and nobody knows what it says: `number` is an errno.
  [[nodiscard]] static Baseline unreadable(int number);

  // What is known of that path: `unreadable`, or a value, null where it was never accepted.
  [[nodiscard]] Readout<const SnapshotObject*> accepted(std::string_view path) const;

  [[nodiscard]] const std::string& id() const { return id_; }  // empty: there is none
  [[nodiscard]] const std::vector<SnapshotObject>& objects() const { return objects_; }
  [[nodiscard]] int error() const { return error_; }  // an errno; 0: it could be read

 private:
  std::string id_;
  std::vector<SnapshotObject> objects_;
  std::vector<StampedFile> stamped_;
  int error_ = 0;
};

}  // namespace permward
