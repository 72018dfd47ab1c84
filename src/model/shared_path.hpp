// SPDX-License-Identifier: Apache-2.0
//
// A path that has its beginning in common with others. Layer `model`; values.
//
// Trees may be thousands of directories deep, and what is found in each has a path as long as the
// way to it: kept whole, these grow with the square of the depth.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace permward {

// The bytes of a path, in pieces of one length and a rest. A path of less than a piece is a string.
class SharedPath {
 public:
  static constexpr std::size_t piece_size = 1024;  // bytes

  SharedPath() = default;
  // Not explicit: it stands for the text, and a short one is nothing else.
  SharedPath(std::string text);
  SharedPath(const char* text) : SharedPath(std::string(text)) {}

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

  // By bytes, as `std::string::compare`. Of two with a common beginning only what follows is read.
  [[nodiscard]] int compare(const SharedPath& other) const;

  friend bool operator==(const SharedPath& a, const SharedPath& b) { return a.compare(b) == 0; }
  friend bool operator<(const SharedPath& a, const SharedPath& b) { return a.compare(b) < 0; }

 private:
  friend class SharedPaths;
  struct Piece;

  std::shared_ptr<const Piece> beginning_;  // its last piece; null: none
  std::string rest_;                        // shorter than a piece
};

// Makes paths that share what they have in common. For one thread; the paths outlive it.
class SharedPaths {
 public:
  [[nodiscard]] SharedPath share(std::string text);

 private:
  struct Key {
    const SharedPath::Piece* above;
    std::string_view text;
    bool operator==(const Key&) const = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const;
  };

  std::unordered_map<Key, std::shared_ptr<const SharedPath::Piece>, HashOfKey> pieces_;
};

}  // namespace permward
