// SPDX-License-Identifier: Apache-2.0
#include "policy/file_reader.hpp"

#include "policy/schema.hpp"
#include "policy/words.hpp"

#include <array>
#include <string>
#include <string_view>

namespace permward {
namespace {

class FileReader {
 public:
  FileReader(Reading& reading, Variables& variables, RawPolicy& policy)
      : reading_(reading), variables_(variables), policy_(policy) {}

  void run(const Document& document) {
    static constexpr std::array<KeyRow<FileReader>, 6> rows = {{
        {"schema", &FileReader::schema},
        {"policy", &FileReader::description},
        {"variables", &FileReader::variables},
        {"rule", &FileReader::rules},
        {"override", &FileReader::overrides},
        {"waiver", &FileReader::waivers},
    }};
    const std::vector<Entry> entries = document.root().entries();
    if (entries.empty()) return;
    if (!knows_schema(document.root())) return;
    read_table(*this, reading_, rows, "a policy", entries);
  }

 private:
  bool knows_schema(const Value& root) {
    const auto entry = root.find(schema_key);
    if (!entry) {
      Pos begin = root.pos();
      begin.line = begin.column = 1;
      reading_.fail(Code::schema_missing, begin, "the file does not say its schema",
                    "write 'schema = 1' above everything else");
      return true;
    }
    return permward::knows_schema(reading_, *entry);
  }

  void schema(const Entry&) {}  // read before all others

  void description(const Entry& entry) {
    static constexpr std::array<KeyRow<FileReader>, 3> rows = {{
        {"name", &FileReader::text},
        {"title", &FileReader::text},
        {"trust", &FileReader::trust},
    }};
    if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return;
    read_table(*this, reading_, rows, "[policy]", entry.value().entries());
  }

  void text(const Entry& entry) {
    reading_.expect(entry.value(), Value::Kind::string, entry.key());
  }

  void trust(const Entry& entry) { policy_.trust.push_back(entry); }

  void variables(const Entry& entry) {
    if (!reading_.expect(entry.value(), Value::Kind::table, entry.key())) return;
    for (const Entry& variable : entry.value().entries()) {
      if (!reading_.expect(variable.value(), Value::Kind::string, variable.key())) continue;
      variables_.define(variable);
    }
  }

  void rules(const Entry& entry) { tables(entry, policy_.rules); }
  void overrides(const Entry& entry) { tables(entry, policy_.overrides); }
  void waivers(const Entry& entry) { tables(entry, policy_.waivers); }

  void tables(const Entry& entry, std::vector<RawTable>& out) {
    const std::string key(entry.key());
    if (entry.value().is(Value::Kind::table)) {
      return reading_.fail(Code::wrong_type, entry.value().pos(),
                           quoted(key) + " is one table, and there may be many",
                           "write '[[" + key + "]]'");
    }
    if (!entry.value().is(Value::Kind::array)) {
      return reading_.wrong_type(entry.value(), key, "tables, each under '[[" + key + "]]'");
    }
    for (const Value item : entry.value().items()) {
      if (reading_.expect(item, Value::Kind::table, key)) out.push_back({item.pos(), item});
    }
  }

  Reading& reading_;
  Variables& variables_;
  RawPolicy& policy_;
};

}  // namespace

void read_file(Reading& reading, Variables& variables, const Document& document,
               RawPolicy& policy) {
  FileReader(reading, variables, policy).run(document);
}

}  // namespace permward
