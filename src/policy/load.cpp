// SPDX-License-Identifier: Apache-2.0
#include "policy/load.hpp"

#include "base/sha256.hpp"
#include "policy/account_table.hpp"
#include "policy/document.hpp"
#include "policy/file_reader.hpp"
#include "policy/mistakes.hpp"
#include "policy/overrides.hpp"
#include "policy/reading.hpp"
#include "policy/rule_ids.hpp"
#include "policy/rule_maker.hpp"
#include "policy/rule_reader.hpp"
#include "policy/screen.hpp"
#include "policy/variables.hpp"
#include "policy/waiver_reader.hpp"
#include "policy/words.hpp"

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// What `trust` of `[policy]` may come to, repeated in every rule of its file.
constexpr std::size_t most_file_trust = 4'000'000;

class Loader {
 public:
  Loader(std::span<const SourceFile> files, const LoadOptions& options)
      : files_(files), options_(options), mistakes_(files.size()) {}

  Loaded run() {
    add_files();
    parse();
    variables_.settle();
    const std::vector<std::vector<TrustedPrincipal>> trust = read_trust();
    RuleIds ids(reading_, raw_.rules, sources_);
    make_rules(ids, trust);
    make_waivers(ids);
    policy_.accounts = accounts_.take();
    return {std::move(policy_), mistakes_.diagnostics(sources_)};
  }

 private:
  void add_files() {
    Sha256 all;
    for (const SourceFile& file : files_) {
      policy_.files.push_back({file.name, sha256_hex(file.text)});
      all.add(policy_.files.back().sha256);
    }
    policy_.digest = hex(all.digest());
  }

  void parse() {
    sources_.reserve(files_.size());  // documents point to them
    for (std::uint32_t i = 0; i < files_.size(); ++i) {
      std::string_view text = files_[i].text;
      if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
      sources_.push_back({files_[i].name, {}});
      if (auto document = parse(i, text)) documents_.push_back(std::move(*document));
    }
    for (const Document& document : documents_) read_file(reading_, variables_, document, raw_);
  }

  std::optional<Document> parse(std::uint32_t file, std::string_view text) {
    if (const auto refusal = refuse_size(text)) {
      mistakes_.add(refusal->code, {file, 0, 0}, refusal->message, refusal->help);
      return std::nullopt;
    }
    const Lines& lines = sources_[file].lines = Lines(text);
    const auto fail = [&](Code code, std::size_t offset, const std::string& message,
                          const std::string& help) {
      const Lines::Place place = lines.place(offset);
      mistakes_.add(code, {file, place.line, place.column}, message, help);
      return std::nullopt;
    };
    if (const auto refusal = refuse_content(text)) {
      return fail(refusal->code, *refusal->offset, refusal->message, refusal->help);
    }
    auto document = Document::parse(lines, file);
    if (document) return std::move(*document);
    const TextError& error = document.error();
    return fail(error.code, error.offset, error.message, error.help);
  }

  // `trust` of `[policy]`, by file.
  std::vector<std::vector<TrustedPrincipal>> read_trust() {
    std::vector<std::vector<TrustedPrincipal>> trust(files_.size());
    for (const Entry& entry : raw_.trust) {
      const Pos pos = entry.pos();
      std::vector<TrustedPrincipal>& of_file = trust[pos.file];
      of_file = reader_.trust(entry);
      if (of_file.size() <= most_file_trust / (raw_.rules.size() + 1)) continue;
      of_file.clear();
      reading_.fail(Code::expansion_too_large, pos,
                    "this 'trust' is too long to be repeated in every rule",
                    "trust a group, or write it in the rules that need it");
    }
    return trust;
  }

  void make_rules(const RuleIds& ids, const std::vector<std::vector<TrustedPrincipal>>& trust) {
    const auto overridden = apply_overrides(reading_, raw_, ids);
    policy_.rules.reserve(raw_.rules.size());
    for (std::size_t i = 0; i < raw_.rules.size(); ++i) {
      const RawTable& raw = raw_.rules[i];
      const auto it = overridden.find(i);
      Rule rule = it == overridden.end() ? make_rule_of(raw, raw.value.entries(), ids.of(i))
                                         : make_overridden(raw, it->second, ids.of(i));
      const auto& of_file = trust[raw.pos.file];
      if (!rule.disabled) rule.trust.insert(rule.trust.end(), of_file.begin(), of_file.end());
      policy_.rules.push_back(std::move(rule));
    }
  }

  Rule make_rule_of(const RawTable& raw, const std::vector<Entry>& entries, const std::string& id) {
    RuleDraft draft = reader_.read(entries);
    draft.rule.id = id;
    draft.rule.pos = raw.pos;
    return make_rule(reading_, std::move(draft), options_);
  }

  Rule make_overridden(const RawTable& raw, const Overridden& overridden, const std::string& id) {
    // Its own keys, replaced or not, for the mistakes in them.
    (void)aside_.read(raw.value.entries());
    if (!overridden.disabled) return make_rule_of(raw, overridden.entries, id);
    RuleDraft draft = aside_.read(overridden.entries);
    draft.rule.id = id;
    draft.rule.pos = raw.pos;
    Rule rule = make_rule(reading_, std::move(draft), options_);
    rule.disabled = true;
    rule.clauses.clear();
    rule.trust.clear();
    return rule;
  }

  void make_waivers(RuleIds& ids) {
    for (const RawTable& raw : raw_.waivers) {
      Waiver waiver = read_waiver(reading_, raw);
      const bool read = waiver.rule.kind != Component::Kind::literal || !waiver.rule.text.empty();
      if (read && !ids.matched_by(waiver.rule)) {
        reading_.fail(Code::waiver_without_rule, raw.pos,
                      "the waiver is for no rule: " + quoted(waiver.rule.text),
                      ids.suggestion(reading_, waiver.rule.text));
      }
      policy_.waivers.push_back(std::move(waiver));
    }
  }

  std::span<const SourceFile> files_;
  LoadOptions options_;
  std::vector<Source> sources_;
  std::vector<Document> documents_;
  RawPolicy raw_;
  Mistakes mistakes_;
  Variables variables_{mistakes_};
  Reading reading_{mistakes_, variables_};
  AccountTable accounts_;
  RuleReader reader_{reading_, accounts_};
  // For keys that are only checked: the accounts that they name are nobody's.
  AccountTable no_accounts_;
  RuleReader aside_{reading_, no_accounts_};
  Policy policy_;
};

}  // namespace

Loaded load(std::span<const SourceFile> files, const LoadOptions& options) {
  return Loader(files, options).run();
}

}  // namespace permward
