// SPDX-License-Identifier: Apache-2.0
// Snapshots as values, for tests of what keeps and reads them.
#pragma once

#include "model/snapshot.hpp"
#include "store/archive.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward::test {

// Objects with their contents, by path.
struct Kept {
  Manifest manifest;
  std::map<std::string, std::string> contents;

  void add(SnapshotObject object) {
    auto& objects = manifest.objects;
    const auto at = std::lower_bound(
        objects.begin(), objects.end(), object,
        [](const SnapshotObject& a, const SnapshotObject& b) { return a.path < b.path; });
    objects.insert(at, std::move(object));
  }
  SnapshotObject& add_file(const std::string& path, const std::string& content) {
    SnapshotObject object;
    object.path = path;
    object.state.type = Type::file;
    object.state.mode = 0644;
    object.size = content.size();
    object.digest = Sha256().add(content).digest();
    contents[path] = content;
    add(std::move(object));
    return at(path);
  }
  SnapshotObject& add_directory(const std::string& path) {
    SnapshotObject object;
    object.path = path;
    object.state.type = Type::directory;
    object.state.mode = 0755;
    add(std::move(object));
    return at(path);
  }
  SnapshotObject& at(const std::string& path) {
    return *std::find_if(manifest.objects.begin(), manifest.objects.end(),
                         [&](const SnapshotObject& one) { return one.path == path; });
  }
};

// Hands out a few bytes at a time.
class FromMemory final : public ContentSource {
 public:
  explicit FromMemory(std::map<std::string, std::string> contents, std::size_t piece = 1000)
      : left_(std::move(contents)), piece_(piece) {}
  Result<std::size_t> read(const SnapshotObject& object, std::span<char> room) override {
    std::string& left = left_[object.path];
    const std::size_t size = std::min({left.size(), room.size(), piece_});
    std::memcpy(room.data(), left.data(), size);
    left.erase(0, size);
    return size;
  }

 private:
  std::map<std::string, std::string> left_;
  std::size_t piece_;
};

class IntoMemory final : public ArchiveVisitor {
 public:
  Kept kept;
  std::vector<std::string> complete_paths;

  Result<void> begin(const Manifest& manifest) override {
    kept.manifest = manifest;
    return {};
  }
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override {
    kept.contents[object.path] += bytes;
    return {};
  }
  Result<void> complete(const SnapshotObject& object) override {
    complete_paths.push_back(object.path);
    if (object.state.type == Type::file) kept.contents.try_emplace(object.path);
    return {};
  }
};

}  // namespace permward::test
