// SPDX-License-Identifier: Apache-2.0
#include "policy/load_settings.hpp"

#include "support/catch.hpp"
#include "unit/policy/loading.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace permward::test {
namespace {

LoadedSettings read(const std::string& text) { return load_settings({"permward.toml", text}); }

// "E0203 2:13 message (help)" for each.
Strings said(const std::string& text) {
  Strings out;
  for (const Diagnostic& d : read(text).diagnostics) {
    out.push_back(d.code + ' ' + std::to_string(d.line) + ':' + std::to_string(d.column) + ' ' +
                  d.message + (d.help.empty() ? "" : " (" + d.help + ')'));
  }
  return out;
}

std::string assigned(const SettingRow& row, std::uint64_t value) {
  return '[' + std::string(row.table) + "]\n" + std::string(row.key) + " = " +
         std::to_string(value) + '\n';
}

TEST_CASE("what no settings file sets is at its default") {
  for (const char* text : {"", "\n", "# nothing\n", "\xef\xbb\xbf", "schema = 1\n", "[store]\n"}) {
    const LoadedSettings loaded = read(text);
    CHECK(loaded.diagnostics.empty());
    CHECK(loaded.settings.keep_runs == 1000);
    CHECK(loaded.settings.keep_days == 400);
  }
}

TEST_CASE("a setting is what the file says, and leaves the others alone") {
  const LoadedSettings loaded = read("schema = 1\n[store]\nkeep_runs = 20\n");
  CHECK(loaded.diagnostics.empty());
  CHECK(loaded.settings.keep_runs == 20);
  CHECK(loaded.settings.keep_days == 400);
  CHECK(read("store.keep_days = 7").settings.keep_days == 7);
  CHECK(read("store = { keep_runs = 3, keep_days = 7 }").settings.keep_runs == 3);
}

TEST_CASE("a setting has a range, both ends of which are in it") {
  for (const SettingRow& row : setting_rows) {
    if (row.value == nullptr) continue;
    INFO(row.key);
    CHECK(row.least <= Settings{}.*row.value);
    CHECK(Settings{}.*row.value <= row.most);
    for (const std::uint64_t value : {row.least, row.most}) {
      const LoadedSettings loaded = read(assigned(row, value));
      CHECK(loaded.diagnostics.empty());
      CHECK(loaded.settings.*row.value == value);
    }
    for (const std::uint64_t value : {row.least - 1, row.most + 1}) {
      const LoadedSettings loaded = read(assigned(row, value));
      REQUIRE(loaded.diagnostics.size() == 1);
      CHECK(loaded.diagnostics[0].code == "E0203");
      CHECK(loaded.settings.*row.value == Settings{}.*row.value);
    }
  }
  CHECK(said("[store]\nkeep_runs = 0") ==
        Strings{"E0203 2:13 'keep_runs' cannot be 0 (1 to 1000000; left out, it is 1000)"});
  CHECK(said("[store]\nkeep_days = -1") ==
        Strings{"E0203 2:13 'keep_days' cannot be -1 (1 to 36500; left out, it is 400)"});
}

TEST_CASE("all mistakes of a settings file are reported, with their places") {
  CHECK(said("schema = 'one'\nkeep = 1\n[store]\nkeep_run = 1\nkeep_days = '7'\n[stor]\n") ==
        Strings{"E0202 1:10 'schema' takes an integer, not a string",
                "E0201 2:1 no key 'keep' in the settings (it takes 'schema', 'store', 'watch' or "
                "'alert')",
                "E0201 4:1 no key 'keep_run' in [store] (did you mean 'keep_runs'?)",
                "E0202 5:13 'keep_days' takes an integer, not a string",
                "E0201 6:2 no key 'stor' in the settings (did you mean 'store'?)"});
  CHECK(said("store = 1") == Strings{"E0202 1:9 'store' takes a table, not an integer"});
  CHECK(said("[[store]]") == Strings{"E0202 1:1 'store' takes a table, not an array"});
  CHECK(said("[store]\nkeep_runs = 1.5\n")[0].starts_with("E0202 2:13 "));
  CHECK(said("[store]\nkeep_runs = 1\nkeep_runs = 2\n")[0].starts_with("E0104 3:"));
  const LoadedSettings loaded = read("[store]\nkeep_run = 1\n");
  CHECK(loaded.diagnostics.at(0).file == "permward.toml");
  CHECK(loaded.diagnostics[0].source_line == "keep_run = 1");
}

TEST_CASE("a number of bytes may have a unit") {
  const auto size = [](const std::string& value) {
    const LoadedSettings loaded = read("store.max_file_size = " + value);
    CHECK(loaded.diagnostics.empty());
    return loaded.settings.max_file_size;
  };
  CHECK(read("").settings.max_file_size == 64U << 20);
  CHECK(size("4096") == 4096);
  CHECK(size("\"4096\"") == 4096);
  CHECK(size("\"64KiB\"") == 64U << 10);
  CHECK(size("\"3MiB\"") == 3U << 20);
  CHECK(size("\"2GiB\"") == std::uint64_t{2} << 30);
  CHECK(size("\"1TiB\"") == std::uint64_t{1} << 40);
  for (const char* value : {"\"64MB\"", "\"64 MiB\"", "\"-1KiB\"", "\"MiB\"", "\"\"", "\"0\"",
                            "\"2TiB\"", "\"18446744073709551615TiB\"", "\"1.5MiB\""}) {
    INFO(value);
    REQUIRE(said(std::string("store.max_file_size = ") + value).size() == 1);
    CHECK(said(std::string("store.max_file_size = ") + value)[0].starts_with("E0203 1:"));
  }
  CHECK(said("store.keep_runs = \"5\"")[0].starts_with("E0202 1:"));
}

TEST_CASE("a setting outside of its table is shown to it") {
  CHECK(said("keep_runs = 5") ==
        Strings{"E0201 1:1 no key 'keep_runs' outside of a table (it stands in '[store]')"});
}

TEST_CASE("settings of another schema are not read any further") {
  CHECK(said("schema = 2\n[store]\nkeep_run = 1\n") ==
        Strings{"E0110 1:10 schema 2 is not known (this version of permward reads 'schema = 1')"});
}

TEST_CASE("settings to come are told apart from those that nobody knows") {
  for (const SettingRow& row : setting_rows) {
    if (row.value != nullptr) continue;
    INFO(row.key);
    const Strings found = said(assigned(row, 1));
    CHECK(found ==
          Strings{"E0205 2:1 '" + std::string(row.key) + "' is not in this version of permward"});
  }
}

TEST_CASE("what is no settings file is refused as a policy would be") {
  CHECK(said(std::string("a\0", 2)) == Strings{"E0102 1:2 a NUL byte (TOML is text in UTF-8)"});
  CHECK(said("\xff")[0].starts_with("E0103 1:1 "));
  CHECK(said("[store\n")[0].starts_with("E0104 1:"));
  CHECK(said("x=" + std::string(65, '['))[0].starts_with("E0106 1:"));
  CHECK(said("schema = 1\n[[rule]]\nid = 'x'\n")[0].starts_with("E0201 2:3 no key 'rule'"));
}

TEST_CASE("each setting stands once, those of a table together") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::set<std::string_view> tables;
  std::string_view table;
  for (const SettingRow& row : setting_rows) {
    CHECK(seen.insert({row.table, row.key}).second);
    if (row.table != table) CHECK(tables.insert(row.table).second);
    table = row.table;
  }
}

}  // namespace
}  // namespace permward::test
