// SPDX-License-Identifier: Apache-2.0
#include "policy/mode_reader.hpp"

#include "policy/mode_text.hpp"
#include "policy/words.hpp"

#include <array>
#include <utility>

namespace permward {
namespace {

// The mode that was meant by a number without quotes.
std::string quoted_mode(const Value& value) {
  std::string_view digits = value.spelling();
  if (digits.starts_with("0o")) digits.remove_prefix(2);
  const bool octal = digits.size() >= 3 && digits.size() <= 4 && parse_octal_mode(digits);
  return octal ? '"' + std::string(digits.size() == 3 ? "0" : "") + std::string(digits) + '"'
               : std::string("\"0640\"");
}

bool is_string_of_mode(Reading& reading, const Entry& entry) {
  if (!entry.value().is(Value::Kind::integer)) {
    return reading.expect(entry.value(), Value::Kind::string, entry.key());
  }
  reading.fail(
      Code::wrong_type, entry.value().pos(),
      quoted(entry.key()) + " is a number, which could be read as octal or as decimal",
      "write it in quotes: " + std::string(entry.key()) + " = " + quoted_mode(entry.value()));
  return false;
}

class ModeReader {
 public:
  explicit ModeReader(Reading& reading) : reading_(reading) {}

  std::optional<ModeWant> bounds(const Entry& entry) {
    static constexpr std::array<KeyRow<ModeReader>, 2> rows = {
        {{"at_most", &ModeReader::at_most}, {"at_least", &ModeReader::at_least}}};
    const std::vector<Entry> entries = entry.value().entries();
    read_table(*this, reading_, rows, "'mode'", entries);
    if (entries.empty()) {
      reading_.fail(Code::missing_key, entry.value().pos(), "'mode' has no bound",
                    "write 'at_most', 'at_least' or both, or a mode as a string");
    }
    if (!at_most_ && !at_least_) return std::nullopt;
    const auto excess = at_least_.value_or(0) & ~at_most_.value_or(all_mode_bits);
    if (excess != 0) {
      reading_.fail(Code::mode_bounds, entry.value().pos(),
                    "'at_least' demands " + mode_text(static_cast<unsigned>(excess)) +
                        ", which 'at_most' bars",
                    "allow in 'at_most' what 'at_least' demands");
      return std::nullopt;
    }
    return ModeWant::bounds(at_most_.value_or(0), at_most_.has_value(), at_least_.value_or(0),
                            at_least_.has_value());
  }

 private:
  void at_most(const Entry& entry) { at_most_ = octal(entry); }
  void at_least(const Entry& entry) { at_least_ = octal(entry); }

  std::optional<std::uint16_t> octal(const Entry& entry) {
    if (!is_string_of_mode(reading_, entry)) return std::nullopt;
    const auto text = reading_.text(entry);
    if (!text) return std::nullopt;
    const auto mode = parse_octal_mode(text->text);
    if (mode) return *mode;
    reading_.fail(mode.error(), *text);
    return std::nullopt;
  }

  Reading& reading_;
  std::optional<std::uint16_t> at_most_;
  std::optional<std::uint16_t> at_least_;
};

}  // namespace

std::optional<ModeWant> read_mode(Reading& reading, const Entry& entry) {
  if (entry.value().is(Value::Kind::table)) return ModeReader(reading).bounds(entry);
  if (!is_string_of_mode(reading, entry)) return std::nullopt;
  const auto text = reading.text(entry);
  if (!text) return std::nullopt;
  auto mode = parse_mode(text->text);
  if (mode) return std::move(*mode);
  reading.fail(mode.error(), *text);
  return std::nullopt;
}

}  // namespace permward
