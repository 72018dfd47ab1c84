// SPDX-License-Identifier: Apache-2.0
#include "model/shared_path.hpp"

#include <functional>
#include <utility>

namespace permward {

struct SharedPath::Piece {
  std::shared_ptr<const Piece> above;
  std::string text;       // of `piece_size`
  std::size_t count = 1;  // of the pieces up to this one

  Piece(std::shared_ptr<const Piece> beginning, std::string_view bytes)
      : above(std::move(beginning)), text(bytes), count(above == nullptr ? 1 : above->count + 1) {}
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  // One after the other: there may be more than the stack has room for.
  ~Piece() {
    std::shared_ptr<const Piece> last = std::move(above);
    while (last != nullptr && last.use_count() == 1) {
      last = std::move(const_cast<Piece&>(*last).above);  // nobody else has it
    }
  }
};

namespace {

std::size_t pieces_of(std::size_t size) { return size / SharedPath::piece_size; }

}  // namespace

SharedPath::SharedPath(std::string text) {
  const std::string_view all = text;
  std::size_t at = 0;
  for (std::size_t left = pieces_of(all.size()); left > 0; --left, at += piece_size) {
    beginning_ = std::make_shared<const Piece>(std::move(beginning_), all.substr(at, piece_size));
  }
  rest_ = at == 0 ? std::move(text) : std::string(all.substr(at));
}

std::size_t SharedPath::size() const {
  return (beginning_ == nullptr ? 0 : beginning_->count * piece_size) + rest_.size();
}

std::string SharedPath::text() const {
  if (beginning_ == nullptr) return rest_;
  std::string out(size(), '\0');
  for (const Piece* piece = beginning_.get(); piece != nullptr; piece = piece->above.get()) {
    out.replace((piece->count - 1) * piece_size, piece_size, piece->text);
  }
  return out.replace(beginning_->count * piece_size, rest_.size(), rest_);
}

int SharedPath::compare(const SharedPath& other) const {
  const auto count = [](const Piece* piece) { return piece == nullptr ? 0 : piece->count; };
  const Piece* mine = beginning_.get();
  const Piece* its = other.beginning_.get();
  const std::string* my_next = &rest_;  // what follows the pieces of which both have as many
  const std::string* its_next = &other.rest_;
  for (; count(mine) > count(its); mine = mine->above.get()) my_next = &mine->text;
  for (; count(its) > count(mine); its = its->above.get()) its_next = &its->text;
  int order = 0;  // of the first pieces that differ, found from behind
  for (; mine != its; mine = mine->above.get(), its = its->above.get()) {
    if (const int here = mine->text.compare(its->text); here != 0) order = here;
  }
  return order != 0 ? order : my_next->compare(*its_next);
}

std::size_t SharedPaths::HashOfKey::operator()(const Key& key) const {
  constexpr std::size_t odd = 0x9e3779b97f4a7c15;  // of Fibonacci hashing
  return std::hash<std::string_view>()(key.text) ^ (std::hash<const void*>()(key.above) * odd);
}

SharedPath SharedPaths::share(std::string text) {
  if (text.size() < SharedPath::piece_size) return {std::move(text)};
  SharedPath out;
  const std::string_view all = text;
  std::size_t at = 0;
  for (std::size_t left = pieces_of(all.size()); left > 0; --left, at += SharedPath::piece_size) {
    const std::string_view bytes = all.substr(at, SharedPath::piece_size);
    auto found = pieces_.find({out.beginning_.get(), bytes});
    if (found == pieces_.end()) {
      auto piece = std::make_shared<const SharedPath::Piece>(out.beginning_, bytes);
      const Key key{piece->above.get(), piece->text};
      found = pieces_.emplace(key, std::move(piece)).first;
    }
    out.beginning_ = found->second;
  }
  out.rest_ = all.substr(at);
  return out;
}

}  // namespace permward
