// SPDX-License-Identifier: Apache-2.0
#include "unit/policy/loading.hpp"

#include <stdexcept>

namespace permward::test {
namespace {

std::string listed(const Loaded& loaded) {
  std::string out;
  for (const Diagnostic& d : loaded.diagnostics) {
    out += d.code + ' ' + d.message + " (" + d.help + ")\n";
  }
  return out;
}

}  // namespace

Loaded load_text(std::string_view text, const LoadOptions& options) {
  const SourceFile file{"p.toml", "schema = 1\n" + std::string(text)};
  return load(std::span(&file, 1), options);
}

Loaded load_texts(const Strings& texts) {
  std::vector<SourceFile> files;
  for (const std::string& text : texts) {
    files.push_back({std::to_string(files.size() + 1) + ".toml", "schema = 1\n" + text});
  }
  return load(files);
}

Loaded load_rule(std::string_view keys, std::string_view path, const LoadOptions& options) {
  return load_text(
      "[[rule]]\nid = \"r\"\npath = '" + std::string(path) + "'\n" + std::string(keys) + "\n",
      options);
}

Strings places(const Loaded& loaded) {
  Strings out;
  for (const Diagnostic& d : loaded.diagnostics) {
    const std::string file = loaded.policy.files.size() > 1 ? d.file + ":" : "";
    out.push_back(d.code + ' ' + file + std::to_string(d.line) + ':' + std::to_string(d.column));
  }
  return out;
}

Strings codes_of(const Loaded& loaded) {
  Strings out;
  for (const Diagnostic& d : loaded.diagnostics) out.push_back(d.code);
  return out;
}

std::string only_mistake(const Loaded& loaded) {
  if (loaded.diagnostics.size() != 1) return listed(loaded);
  const Diagnostic& d = loaded.diagnostics.front();
  return d.help.empty() ? d.message : d.message + " (" + d.help + ')';
}

const Rule& only_rule(const Loaded& loaded) {
  if (has_errors(loaded.diagnostics)) throw std::runtime_error(listed(loaded));
  if (loaded.policy.rules.size() != 1) throw std::runtime_error("not one rule");
  return loaded.policy.rules.front();
}

}  // namespace permward::test
