// SPDX-License-Identifier: Apache-2.0
#include "store/manifest_text.hpp"

#include "support/catch.hpp"
#include "support/snapshots.hpp"

#include <string>

using namespace permward;
using namespace permward::test;

namespace {

Kept small() {
  Kept out;
  out.manifest.id = "20261126T101500Z-3f2a";
  out.manifest.time = 1795000000;
  out.manifest.host = "web1";
  SnapshotObject& file = out.add_file("/etc/a", "hello\n");
  file.owner_name = "root";
  file.group_name = "root";
  file.modified = {1795000000, 5};
  file.attributes = {{"user.x", std::string("\0\xff", 2)}};
  return out;
}

const std::string head =
    R"({"format_version":1,"id":"20261126T101500Z-3f2a","kind":"accepted","time":1795000000,)"
    R"("host":"web1","policy_digest":"","objects":[)";
const std::string object =
    R"({"path":"/etc/a","type":"file","size":6,)"
    R"("sha256":"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",)"
    R"("metadata":"type=file owner=0 group=0 mode=0644","owner_name":"root","group_name":"root",)"
    R"("modified":"1795000000.000000005","xattrs":[{"name":"user.x","value_b64":"AP8="}]})";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), by);
}

std::string why_not(const std::string& text) {
  const Result<Manifest> manifest = parse_manifest(text);
  REQUIRE_FALSE(manifest.ok());
  REQUIRE(manifest.error().kind == ErrorKind::invalid);
  return manifest.error().subject;
}

}  // namespace

TEST_CASE("a manifest is a JSON document with an object a line") {
  const std::string text = manifest_text(small().manifest);
  REQUIRE(text == head + "\n" + object + "\n]}\n");
  const Result<Manifest> again = parse_manifest(text);
  REQUIRE(again.ok());
  REQUIRE(*again == small().manifest);
}

TEST_CASE("a manifest without objects is read again") {
  const Manifest none;
  REQUIRE(*parse_manifest(manifest_text(none)) == none);
}

TEST_CASE("what its first line says needs no other") {
  const Kept kept = small();
  Manifest without = kept.manifest;
  without.objects.clear();
  const std::string text = manifest_text(kept.manifest);
  REQUIRE(*parse_manifest_head(text) == without);
  REQUIRE(*parse_manifest_head(text.substr(0, text.find('\n')) + "\n{}{}") == without);
  REQUIRE(parse_manifest_head("{}").error().kind == ErrorKind::invalid);
}

TEST_CASE("bytes that are not UTF-8 stand escaped and in base64") {
  Kept kept = small();
  kept.add_file("/etc/\xff\xfe", "").owner_name = "\x80";
  kept.manifest.host = "h\xc3\xb6st\xff";
  const std::string text = manifest_text(kept.manifest);
  REQUIRE(text.find(R"("path":"/etc/\\xff\\xfe","path_b64":"L2V0Yy//\/g==")") == text.npos);
  REQUIRE(text.find(R"("path":"/etc/\\xff\\xfe","path_b64":"L2V0Yy///g==")") != text.npos);
  REQUIRE(*parse_manifest(text) == kept.manifest);
}

TEST_CASE("of another version of the format its number is said") {
  const std::string text = replaced(manifest_text(small().manifest), "version\":1", "version\":2");
  const Result<Manifest> manifest = parse_manifest(text);
  REQUIRE(manifest.error().kind == ErrorKind::unsupported);
  REQUIRE(manifest.error().subject == "2");
}

TEST_CASE("a manifest that permward could not have written is refused") {
  const std::string text = manifest_text(small().manifest);
  struct Row {
    const char* what;
    const char* by;
  };
  const std::vector<Row> rows = {
      {"/etc/a", "etc/a"},
      {"/etc/a", "/etc/../a"},
      {"/etc/a", "/etc/./a"},
      {"/etc/a", "/etc//a"},
      {"/etc/a", "/etc/a/"},
      {"/etc/a", "/etc/\\u0000a"},
      {"\"path\":\"/etc/a\"", "\"path\":\"/etc/a\",\"path_b64\":\"L2V0Yy9h\""},
      {"\"path\":\"/etc/a\"", "\"path\":\"/etc/a\",\"path\":\"/etc/b\""},
      {"\"path\":\"/etc/a\",", ""},
      {"\"size\":6", "\"size\":-6"},
      {"\"size\":6", "\"size\":6.0"},
      {"\"size\":6", "\"size\":9223372036854775808"},
      {"\"size\":6", "\"size\":\"6\""},
      {"5891b5", "5891B5"},
      {"5891b5", "5891b"},
      {"type=file", "type=fifo"},
      {"\"type\":\"file\"", "\"type\":\"directory\""},
      {"mode=0644", "mode=9644"},
      {"000000005", "00000005"},
      {"000000005", "1000000000"},
      {"user.x", ""},
      {"AP8=", "AP8"},
      {"AP8=", "A*8="},
      {"\"time\":1795000000", "\"time\":1795000000.5"},
      {"accepted", "rejected"},
      {"\"policy_digest\":\"\"", "\"policy_digest\":\"0\""},
      {"\"format_version\":1,", "\"format_version\":1,\"more\":1,"},
      {"\"format_version\":1,", ""},
      {"]}\n", "]} \n"},
      {"]}\n", "]"},
  };
  for (const Row& row : rows) {
    INFO(row.what << " -> " << row.by);
    (void)why_not(replaced(text, row.what, row.by));
  }
  for (const char* name : {"/permward/manifest.json", "/permward/manifest.sha256"}) {
    (void)why_not(replaced(text, "/etc/a", name));
  }
  (void)why_not("");
  // Nothing that takes much memory for few bytes.
  (void)why_not(std::string(1000000, '['));
  (void)why_not(head + "\n{\"path\":" + std::string(1000000, '[') + "\n]}\n");
  (void)why_not(head + "\n{\"path\":\"" + std::string(most_manifest_line, 'x') + "\"}\n]}\n");
}

TEST_CASE("objects of a manifest are in order and each once") {
  const std::string two = head + "\n" + object + ",\n" + object + "\n]}\n";
  REQUIRE(why_not(two) == "/etc/a: it is out of order");
  REQUIRE(why_not(replaced(two, "/etc/a", "/etc/b")) == "/etc/a: it is out of order");
}

TEST_CASE("what no manifest can hold is said") {
  std::string what;
  SnapshotObject one = small().manifest.objects.front();
  REQUIRE(fits_manifest(one, what));
  one.attributes = {{"user.b", ""}, {"user.a", ""}};
  REQUIRE_FALSE(fits_manifest(one, what));
  one.attributes.clear();
  for (char c = 'a'; c < 'g'; ++c) {
    one.attributes.push_back({std::string("user.") + c, std::string(65536, c)});
  }
  what.clear();
  REQUIRE_FALSE(fits_manifest(one, what));
  REQUIRE(what == "it has more extended attributes than a snapshot holds");
  one.attributes.clear();
  one.state.type = Type::socket;
  what.clear();
  REQUIRE_FALSE(fits_manifest(one, what));
}
