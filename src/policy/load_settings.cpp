// SPDX-License-Identifier: Apache-2.0
#include "policy/load_settings.hpp"

#include "policy/mistakes.hpp"
#include "policy/parse_file.hpp"
#include "policy/reading.hpp"
#include "policy/schema.hpp"
#include "policy/variables.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace permward {
namespace {

const SettingRow* row_with(std::string_view SettingRow::*name, std::string_view text) {
  const auto* const row =
      std::find_if(setting_rows.begin(), setting_rows.end(),
                   [&](const SettingRow& candidate) { return candidate.*name == text; });
  return row == setting_rows.end() ? nullptr : row;
}

std::vector<std::string_view> keys_of(std::string_view table) {
  std::vector<std::string_view> out;
  for (const SettingRow& row : setting_rows) {
    if (row.table == table) out.push_back(row.key);
  }
  return out;
}

std::vector<std::string_view> keys_of_file() {
  std::vector<std::string_view> out{schema_key};
  for (const SettingRow& row : setting_rows) {
    if (out.back() != row.table) out.push_back(row.table);
  }
  return out;
}

// "64MiB": digits, and a unit of 1024 times the one before.
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  static constexpr std::array<std::string_view, 4> units = {"KiB", "MiB", "GiB", "TiB"};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) return number;
  const auto* const at = std::find(units.begin(), units.end(), unit);
  if (at == units.end()) return std::nullopt;
  const auto shift = static_cast<unsigned>(at - units.begin() + 1) * 10;
  if (number > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return number << shift;
}

class SettingsReader {
 public:
  SettingsReader(Reading& reading, Settings& settings) : reading_(reading), settings_(settings) {}

  void run(const Value& root) {
    if (const auto schema = root.find(schema_key); schema && !knows_schema(reading_, *schema)) {
      return;
    }
    for (const Entry& entry : root.entries()) {
      if (entry.key() == schema_key) continue;
      if (row_with(&SettingRow::table, entry.key()) != nullptr) {
        table(entry);
      } else if (const SettingRow* row = row_with(&SettingRow::key, entry.key())) {
        reading_.fail(Code::unknown_key, entry.pos(),
                      "no key " + quoted(entry.key()) + " outside of a table",
                      "it stands in '[" + std::string(row->table) + "]'");
      } else {
        reading_.unknown_key(entry, "the settings", keys_of_file);
      }
    }
  }

 private:
  void table(const Entry& entry) {
    if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return;
    for (const Entry& setting : entry.value().entries()) {
      const auto* const row =
          std::find_if(setting_rows.begin(), setting_rows.end(), [&](const SettingRow& candidate) {
            return candidate.table == entry.key() && candidate.key == setting.key();
          });
      if (row != setting_rows.end()) {
        read(*row, setting);
      } else {
        reading_.unknown_key(setting, "[" + std::string(entry.key()) + "]",
                             [&entry] { return keys_of(entry.key()); });
      }
    }
  }

  void read(const SettingRow& row, const Entry& entry) {
    if (row.value == nullptr) return reading_.not_in_this_version(entry.pos(), entry.key());
    const Value value = entry.value();
    if (row.bytes && value.is(Value::Kind::string)) return read_bytes(row, entry);
    if (!reading_.expect(value, Value::Kind::integer, entry.key())) return;
    const auto number = static_cast<std::uint64_t>(value.integer());
    if (value.integer() < 0 || number < row.least || number > row.most) {
      return out_of_range(row, entry, std::to_string(value.integer()));
    }
    settings_.*row.value = number;
  }

  void read_bytes(const SettingRow& row, const Entry& entry) {
    const auto text = reading_.text(entry.value(), entry.key());
    if (!text) return;
    const auto bytes = bytes_of(text->text);
    if (!bytes || *bytes < row.least || *bytes > row.most) {
      return out_of_range(row, entry, quoted(text->text));
    }
    settings_.*row.value = *bytes;
  }

  void out_of_range(const SettingRow& row, const Entry& entry, const std::string& value) {
    reading_.fail(Code::bad_value, entry.value().pos(), quoted(entry.key()) + " cannot be " + value,
                  std::to_string(row.least) + " to " + std::to_string(row.most) +
                      (row.bytes ? ", or with a unit: \"64MiB\"" : "") + "; left out, it is " +
                      std::to_string(Settings{}.*row.value));
  }

  Reading& reading_;
  Settings& settings_;
};

}  // namespace

LoadedSettings load_settings(const SourceFile& file) {
  LoadedSettings out;
  Mistakes mistakes(1);
  Variables variables(mistakes);
  Reading reading(mistakes, variables);
  Source source{file.name, {}};
  if (const auto document = parse_file(mistakes, 0, file.text, source)) {
    SettingsReader(reading, out.settings).run(document->root());
  }
  out.diagnostics = mistakes.diagnostics({&source, 1});
  return out;
}

}  // namespace permward
