// SPDX-License-Identifier: Apache-2.0
//
// A TOML file taken apart: values, and where each stands. Hides toml++, whose names and columns go
// no further. Layer `policy`; pure.
#pragma once

#include "model/pos.hpp"
#include "policy/lines.hpp"
#include "policy/parsed.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

struct DocumentTree;  // what toml++ made, in `document.cpp`
struct Entry;

// A value of a document. Cheap to copy; valid as long as the document is.
class Value {
 public:
  enum class Kind : std::uint8_t { string, integer, real, boolean, date, time, array, table };

  Value() = default;

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is(Kind kind) const { return this->kind() == kind; }
  // Each only of its kind.
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::chrono::year_month_day date() const;  // a local date, a day that there is
  [[nodiscard]] std::vector<Value> items() const;
  [[nodiscard]] bool empty() const;                                     // of an array
  [[nodiscard]] std::vector<Entry> entries() const;                     // in the order of the file
  [[nodiscard]] std::optional<Entry> find(std::string_view key) const;  // of a table

  [[nodiscard]] Pos pos() const;
  // Of the byte `offset` of a string's text, where the file has the text as it is (no escapes, one
  // line); else of the string.
  [[nodiscard]] Pos pos(std::size_t offset) const;
  // A number as it is written.
  [[nodiscard]] std::string_view spelling() const;

 private:
  friend class Document;
  friend struct Entry;
  Value(const void* node, const DocumentTree* tree) : node_(node), tree_(tree) {}

  const void* node_ = nullptr;
  const DocumentTree* tree_ = nullptr;
};

// "a string", "an integer".
[[nodiscard]] std::string_view with_article(Value::Kind kind);

// A key of a table, and its value.
struct Entry {
  [[nodiscard]] std::string_view key() const;
  // Of the key; of the first key in it, where the value is a table with a header of its own.
  [[nodiscard]] Pos pos() const;
  [[nodiscard]] Value value() const { return {node_, tree_}; }

 private:
  friend class Value;
  Entry(const void* key, const void* node, const DocumentTree* tree)
      : key_(key), node_(node), tree_(tree) {}

  const void* key_;
  const void* node_;
  const DocumentTree* tree_;
};

class Document {
 public:
  // `lines` has the text (that the screen let pass) and must outlive the document; `file` is for
  // positions. The error is the first that toml++ met, its offset one into the text.
  [[nodiscard]] static Parsed<Document> parse(const Lines& lines, std::uint32_t file);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] Value root() const;

 private:
  explicit Document(std::unique_ptr<DocumentTree> tree);

  std::unique_ptr<DocumentTree> tree_;
};

}  // namespace permward
