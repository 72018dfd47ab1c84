// SPDX-License-Identifier: Apache-2.0
#include "policy/document.hpp"

#include "policy/syntax_error.hpp"
#include "policy/toml.hpp"

#include <algorithm>
#include <array>

namespace permward {

struct DocumentTree {
  toml::table root;
  const Lines* lines;
  std::uint32_t file;

  [[nodiscard]] std::size_t offset(const toml::source_position& position) const {
    return lines->offset(position.line, position.column);
  }
  [[nodiscard]] Pos pos(std::size_t offset) const {
    const Lines::Place place = lines->place(offset);
    return {file, place.line, place.column};
  }
  [[nodiscard]] Pos pos(const toml::source_position& position) const {
    const Lines::Place place = lines->place(position.line, position.column);
    return {file, place.line, place.column};
  }
};

namespace {

const toml::node& node_of(const void* node) { return *static_cast<const toml::node*>(node); }
const toml::key& key_of(const void* key) { return *static_cast<const toml::key*>(key); }

bool before(const toml::key& a, const toml::key& b) { return a.source().begin < b.source().begin; }

template <class T>
const T& as(const void* node) {
  return node_of(node).ref<T>();
}

}  // namespace

Value::Kind Value::kind() const {
  switch (node_of(node_).type()) {
    case toml::node_type::string:
      return Kind::string;
    case toml::node_type::integer:
      return Kind::integer;
    case toml::node_type::floating_point:
      return Kind::real;
    case toml::node_type::boolean:
      return Kind::boolean;
    case toml::node_type::date:
      return Kind::date;
    case toml::node_type::array:
      return Kind::array;
    case toml::node_type::table:
      return Kind::table;
    default:
      return Kind::time;
  }
}

std::string_view Value::text() const { return as<std::string>(node_); }
std::int64_t Value::integer() const { return as<std::int64_t>(node_); }
bool Value::boolean() const { return as<bool>(node_); }

std::chrono::year_month_day Value::date() const {
  const toml::date& date = as<toml::date>(node_);
  return {std::chrono::year{date.year}, std::chrono::month{date.month}, std::chrono::day{date.day}};
}

std::vector<Value> Value::items() const {
  const toml::array& array = as<toml::array>(node_);
  std::vector<Value> out;
  out.reserve(array.size());
  for (const toml::node& item : array) out.push_back(Value(&item, tree_));
  return out;
}

bool Value::empty() const { return as<toml::array>(node_).empty(); }

std::vector<Entry> Value::entries() const {
  const toml::table& table = as<toml::table>(node_);
  std::vector<Entry> out;
  out.reserve(table.size());
  for (auto&& [key, node] : table) out.push_back(Entry(&key, &node, tree_));
  std::sort(out.begin(), out.end(),
            [](const Entry& a, const Entry& b) { return before(key_of(a.key_), key_of(b.key_)); });
  return out;
}

std::optional<Entry> Value::find(std::string_view key) const {
  const toml::table& table = as<toml::table>(node_);
  const auto it = table.find(key);
  if (it == table.end()) return std::nullopt;
  return Entry(&it->first, &it->second, tree_);
}

Pos Value::pos() const { return tree_->pos(node_of(node_).source().begin); }

Pos Value::pos(std::size_t offset) const {
  const std::size_t begin = tree_->offset(node_of(node_).source().begin);
  const bool as_it_is = tree_->lines->text().substr(begin).substr(1).starts_with(text());
  return tree_->pos(as_it_is ? begin + 1 + offset : begin);
}

std::string_view Value::spelling() const {
  const toml::source_region& source = node_of(node_).source();
  const std::size_t begin = tree_->offset(source.begin);
  const std::size_t end = tree_->offset(source.end);
  std::string_view out = tree_->lines->text().substr(begin, end - begin);
  return out.substr(0, out.find_first_of(" \t\r\n,]}#"));
}

std::string_view with_article(Value::Kind kind) {
  static constexpr std::array<std::string_view, 8> names = {
      "a string", "an integer", "a real number", "true or false",
      "a date",   "a time",     "an array",      "a table"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view Entry::key() const { return key_of(key_).str(); }

Pos Entry::pos() const {
  const toml::key* key = &key_of(key_);
  const toml::table* table = node_of(node_).as_table();
  const bool has_header =
      table != nullptr && !table->is_inline() && table->source().begin != key->source().begin;
  if (has_header && !table->empty()) {
    key = &table->begin()->first;
    for (auto&& [child, node] : *table) {
      if (before(child, *key)) key = &child;
    }
  }
  return tree_->pos(key->source().begin);
}

Document::Document(std::unique_ptr<DocumentTree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Parsed<Document> Document::parse(const Lines& lines, std::uint32_t file) {
  toml::parse_result result = toml::parse(lines.text());
  if (!result) {
    const toml::source_position& at = result.error().source().begin;
    const std::size_t offset = lines.offset(at.line, at.column);
    return syntax_error(result.error().description(), lines.text(), offset);
  }
  return Document(
      std::make_unique<DocumentTree>(DocumentTree{std::move(result).table(), &lines, file}));
}

Value Document::root() const { return {&tree_->root, tree_.get()}; }

}  // namespace permward
