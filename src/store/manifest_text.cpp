// SPDX-License-Identifier: Apache-2.0
#include "store/manifest_text.hpp"

#include "base/text.hpp"
#include "store/state_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace permward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_path = 4095;           // PATH_MAX, less the NUL
constexpr std::size_t longest_attribute_name = 255;  // XATTR_NAME_MAX
constexpr std::size_t longest_attribute = 65536;     // XATTR_SIZE_MAX
constexpr std::uint32_t nanoseconds_a_second = 1000000000;

Error malformed(std::string what) {
  return {ErrorKind::invalid, "understand the manifest:", std::move(what), 0};
}

// --- To text ---

void put_bytes(Json& out, const std::string& name, const std::string& bytes) {
  if (!invalid_utf8(bytes)) {
    out[name] = bytes;
    return;
  }
  out[name] = printable(bytes);
  out[name + "_b64"] = base64(bytes);
}

std::string time_text(const FileTime& time) {
  std::string nanoseconds = std::to_string(time.nanoseconds);
  nanoseconds.insert(0, 9 - nanoseconds.size(), '0');
  return std::to_string(time.seconds) + '.' + nanoseconds;
}

Json json_of(const SnapshotObject& object) {
  Json out;
  put_bytes(out, "path", object.path);
  out["type"] = std::string(name(object.state.type));
  if (object.state.type == Type::file) {
    out["size"] = object.size;
    out["sha256"] = hex(object.digest);
  }
  out["metadata"] = state_text(object.state);
  put_bytes(out, "owner_name", object.owner_name);
  put_bytes(out, "group_name", object.group_name);
  out["modified"] = time_text(object.modified);
  Json attributes = Json::array();
  for (const ExtendedAttribute& one : object.attributes) {
    Json attribute;
    put_bytes(attribute, "name", one.name);
    attribute["value_b64"] = base64(one.value);
    attributes.push_back(std::move(attribute));
  }
  out["xattrs"] = std::move(attributes);
  return out;
}

// --- From text ---
//
// The readers need not refuse what is only written otherwise, nor members that nobody knows:
// `parse_manifest` does.

std::optional<std::string> bytes_of_base64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  unsigned known = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t value = digits.find(c);
    if (value == digits.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    known += 6;
    if (known < 8) continue;
    known -= 8;
    out += static_cast<char>(bits >> known & 0xff);
  }
  return out;
}

const std::string* text_in(const Json& json, const std::string& name) {
  const auto it = json.find(name);
  return it == json.end() ? nullptr : it->get_ptr<const std::string*>();
}

bool get_text(const Json& json, const std::string& name, std::string& out) {
  const std::string* const text = text_in(json, name);
  if (text != nullptr) out = *text;
  return text != nullptr;
}

bool get_bytes(const Json& json, const std::string& name, std::string& out) {
  const std::string* const encoded = text_in(json, name + "_b64");
  if (encoded == nullptr) return get_text(json, name, out);
  const auto bytes = bytes_of_base64(*encoded);
  if (bytes) out = *bytes;
  return bytes.has_value();
}

template <class Number>
bool get_number(const Json& json, const char* name, Number& out) {
  const auto it = json.find(name);
  if (it == json.end() || !it->is_number_integer()) return false;
  // A number of the other sign, which this would turn into one that fits, is written otherwise.
  out = it->get<Number>();
  return true;
}

bool read_time(std::string_view text, FileTime& out) {
  const std::size_t point = text.find('.');
  if (point == text.npos) return false;
  const std::string_view seconds = text.substr(0, point);
  const std::string_view nanoseconds = text.substr(point + 1);
  const auto whole = std::from_chars(seconds.begin(), seconds.end(), out.seconds);
  const auto rest = std::from_chars(nanoseconds.begin(), nanoseconds.end(), out.nanoseconds);
  return whole.ec == std::errc{} && whole.ptr == seconds.end() && rest.ec == std::errc{} &&
         rest.ptr == nanoseconds.end();
}

bool get_attributes(const Json& json, std::vector<ExtendedAttribute>& out) {
  const auto it = json.find("xattrs");
  if (it == json.end() || !it->is_array()) return false;
  for (const Json& one : *it) {
    ExtendedAttribute& attribute = out.emplace_back();
    if (!get_bytes(one, "name", attribute.name) || !get_bytes(one, "value", attribute.value)) {
      return false;
    }
  }
  return true;
}

bool read_object(const Json& json, SnapshotObject& out) {
  std::string text;
  if (!get_bytes(json, "path", out.path) || !get_text(json, "metadata", text)) return false;
  std::optional<ObjectState> state = parse_state(text);
  if (!state) return false;
  out.state = std::move(*state);
  if (out.state.type == Type::file) {
    if (!get_number(json, "size", out.size) || !get_text(json, "sha256", text)) return false;
    const auto digest = digest_of_hex(text);
    if (!digest) return false;
    out.digest = *digest;
  }
  return get_bytes(json, "owner_name", out.owner_name) &&
         get_bytes(json, "group_name", out.group_name) && get_text(json, "modified", text) &&
         read_time(text, out.modified) && get_attributes(json, out.attributes);
}

bool read_head(const Json& json, Manifest& out) {
  std::string kind;
  if (!get_bytes(json, "id", out.id) || !get_text(json, "kind", kind) ||
      !get_number(json, "time", out.time) || !get_bytes(json, "host", out.host) ||
      !get_text(json, "policy_digest", out.policy_digest)) {
    return false;
  }
  const auto it = std::find(snapshot_kind_names.begin(), snapshot_kind_names.end(), kind);
  if (it == snapshot_kind_names.end()) return false;
  out.kind = static_cast<SnapshotKind>(it - snapshot_kind_names.begin());
  return true;
}

// Deeper than a manifest goes nothing is kept: brackets cost an enemy a byte each.
Json parse_line(std::string_view line) {
  constexpr int deepest = 4;
  if (line.size() > most_manifest_line) return Json(Json::value_t::discarded);
  const auto keep = [](int depth, Json::parse_event_t /*event*/, Json& /*parsed*/) {
    return depth <= deepest;
  };
  return Json::parse(line, keep, false);
}

// Takes the next line off `text`, without its newline.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// --- What fits ---

bool simple_path(std::string_view path) {
  if (path == "/") return true;
  // Archives have members of these names of their own.
  if (path == "/permward/manifest.json" || path == "/permward/manifest.sha256") return false;
  if (!path.starts_with('/') || path.size() > longest_path || path.find('\0') != path.npos) {
    return false;
  }
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    if (name.empty() || name == "." || name == "..") return false;
    at = end + 1;
  }
  return true;
}

bool attributes_fit(const std::vector<ExtendedAttribute>& attributes) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const ExtendedAttribute& one = attributes[i];
    if (one.name.empty() || one.name.size() > longest_attribute_name ||
        one.name.find('\0') != one.name.npos || one.value.size() > longest_attribute) {
      return false;
    }
    if (i > 0 && attributes[i - 1].name >= one.name) return false;
    bytes += one.name.size() + one.value.size();
  }
  return bytes <= most_attribute_bytes;
}

bool kept(Type type) {
  return type == Type::file || type == Type::directory || type == Type::symlink;
}

bool name_fits(const std::string& name) {
  return name.size() <= longest_snapshot_name && name.find('\0') == name.npos;
}

}  // namespace

bool fits_manifest(const SnapshotObject& object, std::string& what) {
  if (!simple_path(object.path)) {
    what = "its path is none that a snapshot can have";
  } else if (!kept(object.state.type)) {
    what = "it is no file, directory or symlink";
  } else if (object.size > static_cast<std::uint64_t>(INT64_MAX) ||
             object.modified.nanoseconds >= nanoseconds_a_second) {
    what = "its size or time is none";
  } else if (!name_fits(object.owner_name) || !name_fits(object.group_name)) {
    what = "the name of its owner or group is too long";
  } else if (!attributes_fit(object.attributes)) {
    what = "it has more extended attributes than a snapshot holds";
  }
  return what.empty();
}

bool fits_manifest(const Manifest& manifest, std::string& what) {
  if (!name_fits(manifest.id) || !name_fits(manifest.host)) {
    what = "the name of the snapshot or of its host is too long";
  } else if (!manifest.policy_digest.empty() && !digest_of_hex(manifest.policy_digest)) {
    what = "the digest of the policy is none";
  }
  const SnapshotObject* before = nullptr;
  for (const SnapshotObject& object : manifest.objects) {
    if (!what.empty()) break;
    if (fits_manifest(object, what) && before != nullptr && before->path >= object.path) {
      what = "it is out of order";
    }
    if (!what.empty()) what.insert(0, object.path + ": ");
    before = &object;
  }
  return what.empty();
}

std::size_t manifest_line_size(const SnapshotObject& object) {
  return json_of(object).dump().size() + 2;
}

std::string manifest_text(const Manifest& manifest) {
  Json head;
  head["format_version"] = manifest_version;
  put_bytes(head, "id", manifest.id);
  head["kind"] = std::string(snapshot_kind_names[static_cast<std::size_t>(manifest.kind)]);
  head["time"] = manifest.time;
  put_bytes(head, "host", manifest.host);
  head["policy_digest"] = manifest.policy_digest;
  std::string out = head.dump();
  out.back() = ',';  // which was the brace
  out += "\"objects\":[";
  bool first = true;
  for (const SnapshotObject& object : manifest.objects) {
    out += std::exchange(first, false) ? "\n" : ",\n";
    out += json_of(object).dump();
  }
  return out += "\n]}\n";
}

Result<Manifest> parse_manifest_head(std::string_view text) {
  const Json head = parse_line(std::string(take_line(text)).append("]}"));
  if (!head.is_object()) return malformed("its first line is no JSON object that goes on");
  unsigned version = 0;
  if (!get_number(head, "format_version", version)) return malformed("it has no format_version");
  if (version != manifest_version) {
    return Error{ErrorKind::unsupported, "read a snapshot of format_version",
                 std::to_string(version), 0};
  }
  Manifest out;
  if (!read_head(head, out)) return malformed("its first members are not as they should be");
  return out;
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (text.size() > most_manifest_text) return malformed("it is too large");
  TRY_ASSIGN(Manifest out, parse_manifest_head(text));
  std::string_view left = text;
  take_line(left);
  while (left.starts_with('{')) {
    std::string_view line = take_line(left);
    if (line.ends_with(',')) line.remove_suffix(1);
    const Json one = parse_line(line);
    SnapshotObject& object = out.objects.emplace_back();
    if (!one.is_object() || !read_object(one, object)) {
      const std::string number = std::to_string(out.objects.size());
      return malformed(std::string("object ").append(number).append(" is not as it should be"));
    }
  }
  if (std::string what; !fits_manifest(out, what)) return malformed(std::move(what));
  // So that nothing is read in two ways: two members of a name, a number written otherwise.
  if (manifest_text(out) != text) return malformed("permward would have written it otherwise");
  return out;
}

}  // namespace permward
