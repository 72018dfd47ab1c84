// SPDX-License-Identifier: Apache-2.0
#include "policy/waiver_reader.hpp"

#include "policy/pattern_text.hpp"
#include "policy/words.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

class WaiverReader {
 public:
  explicit WaiverReader(Reading& reading) : reading_(reading) {}

  Waiver run(const RawTable& table) {
    static constexpr std::array<KeyRow<WaiverReader>, 6> rows = {{
        {"rule", &WaiverReader::rule},
        {"path", &WaiverReader::path},
        {"aspects", &WaiverReader::aspects},
        {"reason", &WaiverReader::reason},
        {"approved_by", &WaiverReader::approved_by},
        {"expires", &WaiverReader::expires},
    }};
    waiver_.pos = table.pos;
    read_table(*this, reading_, rows, "[[waiver]]", table.value.entries());
    for (const std::string_view key : {"rule", "reason", "expires"}) {
      if (table.value.find(key)) continue;
      reading_.fail(Code::missing_key, table.pos, "the waiver has no " + quoted(key),
                    "a waiver says which rule, why, and until when");
    }
    return std::move(waiver_);
  }

 private:
  void rule(const Entry& entry) {
    const auto text = reading_.text(entry);
    if (!text) return;
    auto glob = parse_name_glob(text->text);
    if (!glob) return reading_.fail(glob.error(), *text);
    if (reading_.takes(size_of({*glob}), *text)) waiver_.rule = std::move(*glob);
  }

  void path(const Entry& entry) {
    const auto text = reading_.text(entry);
    if (!text) return;
    auto pattern = parse_pattern(text->text);
    if (!pattern) return reading_.fail(pattern.error(), *text);
    if (reading_.takes(size_of(pattern->tail), *text)) waiver_.path = std::move(*pattern);
  }

  void aspects(const Entry& entry) {
    if (reading_.refuse_empty(entry)) return;
    const std::vector<std::string_view> names = aspect_names();
    AspectSet set;
    for (const Text& text : reading_.texts(entry)) {
      if (text.text == row(Aspect::links).key) {
        reading_.fail(Code::bad_value, text.pos(), "'aspects' cannot be 'max_links'",
                      "did you mean 'links'?");
      } else if (const auto index = reading_.word(text, entry.key(), names)) {
        set.add(permward::aspects[*index].aspect);
      }
    }
    waiver_.aspects = set;
  }

  static std::vector<std::string_view> aspect_names() {
    std::vector<std::string_view> names;
    for (const AspectRow& row : permward::aspects) names.push_back(row.name);
    return names;
  }

  void reason(const Entry& entry) {
    waiver_.reason = plain_text(entry);
    if (entry.value().is(Value::Kind::string) && waiver_.reason.empty()) {
      reading_.fail(Code::bad_value, entry.value().pos(), "'reason' is empty",
                    "say why the deviation is accepted");
    }
  }

  void approved_by(const Entry& entry) { waiver_.approved_by = plain_text(entry); }

  std::string plain_text(const Entry& entry) {
    const bool string = reading_.expect(entry.value(), Value::Kind::string, entry.key());
    return string ? std::string(entry.value().text()) : std::string();
  }

  void expires(const Entry& entry) {
    if (!entry.value().is(Value::Kind::date)) {
      return reading_.fail(
          Code::bad_date, entry.value().pos(),
          "'expires' takes a date, not " + std::string(with_article(entry.value().kind())),
          "write it without quotes, as in 'expires = 2027-03-31'");
    }
    waiver_.expires = entry.value().date();
  }

  Reading& reading_;
  Waiver waiver_;
};

}  // namespace

Waiver read_waiver(Reading& reading, const RawTable& table) {
  return WaiverReader(reading).run(table);
}

}  // namespace permward
