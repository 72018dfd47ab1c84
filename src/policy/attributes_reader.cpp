// SPDX-License-Identifier: Apache-2.0
#include "policy/attributes_reader.hpp"

#include "policy/words.hpp"

#include <array>
#include <string>

namespace permward {
namespace {

class AttributesReader {
 public:
  explicit AttributesReader(Reading& reading) : reading_(reading) {}

  std::optional<AttributesWant> read(const Entry& entry) {
    if (!entry.value().is(Value::Kind::table)) {
      set(entry);
    } else {
      static constexpr std::array<KeyRow<AttributesReader>, 2> rows = {
          {{"set", &AttributesReader::set}, {"clear", &AttributesReader::clear}}};
      const std::vector<Entry> entries = entry.value().entries();
      for (const Entry& one : entries)
        failed_ = failed_ || (one.key() != "set" && one.key() != "clear");
      read_table(*this, reading_, rows, "'attributes'", entries);
    }
    if (failed_) return std::nullopt;
    const AttributeSet both = want_.set & want_.clear;
    if (!both.empty()) {
      reading_.fail(Code::bad_value, entry.value().pos(),
                    "'set' and 'clear' both name " + attributes_text(both),
                    "write it in one of them");
      return std::nullopt;
    }
    if ((want_.set | want_.clear).empty()) {
      reading_.fail(Code::bad_value, entry.value().pos(), "'attributes' names none",
                    "what must not be set stands in 'clear': { clear = [\"immutable\"] }");
      return std::nullopt;
    }
    return want_;
  }

 private:
  void set(const Entry& entry) { want_.set = attributes(entry); }
  void clear(const Entry& entry) { want_.clear = attributes(entry); }

  AttributeSet attributes(const Entry& entry) {
    AttributeSet out;
    const Value value = entry.value();
    const bool list = value.is(Value::Kind::array);
    for (const Value& item : list ? value.items() : std::vector<Value>{value}) {
      const auto text = reading_.text(item, entry.key());
      const auto read = text ? one_or_letters(*text, entry.key(), list) : std::nullopt;
      failed_ = failed_ || !read;
      if (read) out = out | *read;
    }
    return out;
  }

  std::optional<AttributeSet> one_or_letters(const Text& text, std::string_view key, bool in_list) {
    if (!in_list || text.text.size() == 1) return letters(text);
    const auto word = reading_.word(text, key, attribute_names);
    if (!word) return std::nullopt;
    return AttributeSet(static_cast<Attribute>(*word));
  }

  std::optional<AttributeSet> letters(const Text& text) {
    AttributeSet out;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      const std::size_t letter = attribute_letters.find(text.text[i]);
      if (letter == attribute_letters.npos) {
        reading_.fail(Code::bad_value, text.pos(i),
                      quoted(text.text) + " is not made of letters of chattr(1)",
                      "write names in an array, as in [\"immutable\"], or letters among '" +
                          std::string(attribute_letters) + "'");
        return std::nullopt;
      }
      out = out | static_cast<Attribute>(letter);
    }
    return out;
  }

  Reading& reading_;
  AttributesWant want_;
  bool failed_ = false;
};

}  // namespace

std::optional<AttributesWant> read_attributes(Reading& reading, const Entry& entry) {
  return AttributesReader(reading).read(entry);
}

}  // namespace permward
