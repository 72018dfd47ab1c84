// SPDX-License-Identifier: Apache-2.0
#include "policy/load.hpp"

#include "base/sha256.hpp"
#include "policy/account_table.hpp"
#include "policy/document.hpp"
#include "policy/file_reader.hpp"
#include "policy/mistakes.hpp"
#include "policy/overrides.hpp"
#include "policy/parse_file.hpp"
#include "policy/reading.hpp"
#include "policy/rule_ids.hpp"
#include "policy/rule_maker.hpp"
#include "policy/rule_reader.hpp"
#include "policy/users.hpp"
#include "policy/variables.hpp"
#include "policy/waiver_reader.hpp"
#include "policy/words.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace permward {
namespace {

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
      sources_.push_back({files_[i].name, {}});
      auto document = parse_file(mistakes_, i, files_[i].text, sources_.back());
      if (document) documents_.push_back(std::move(*document));
    }
    for (const Document& document : documents_) read_file(reading_, variables_, document, raw_);
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
      const std::vector<Entry> own = raw.value.entries();
      const auto it = overridden.find(i);
      if (it == overridden.end()) {
        add_rules(raw, own, ids.of(i), trust[raw.pos.file]);
        continue;
      }
      // Its own keys, replaced or not, for the mistakes in them.
      (void)aside_.read(own);
      if (it->second.disabled) {
        add_disabled(raw, it->second.entries, ids.of(i));
      } else {
        add_rules(raw, it->second.entries, ids.of(i), trust[raw.pos.file]);
      }
    }
  }

  Rule rule_of(const RawTable& raw, RuleDraft draft, const std::string& id) {
    draft.rule.id = id;
    draft.rule.pos = raw.pos;
    return make_rule(reading_, std::move(draft), options_);
  }

  void add_disabled(const RawTable& raw, const std::vector<Entry>& entries, const std::string& id) {
    Rule& rule = policy_.rules.emplace_back(rule_of(raw, aside_.read(entries), id));
    rule.disabled = true;
    rule.clauses.clear();
    rule.alternatives = 0;
    rule.trust.clear();
  }

  // One, or one for each user by whom it is expanded; where there is none, one without a path.
  void add_rules(const RawTable& raw, const std::vector<Entry>& entries, const std::string& id,
                 const std::vector<TrustedPrincipal>& trust) {
    const std::size_t first = policy_.rules.size();
    if (uses_user_variables(entries)) {
      expand(raw, entries, id);
    } else {
      policy_.rules.push_back(rule_of(raw, reader_.read(entries), id));
    }
    for (std::size_t i = first; i < policy_.rules.size(); ++i) {
      std::vector<TrustedPrincipal>& of_rule = policy_.rules[i].trust;
      of_rule.insert(of_rule.end(), trust.begin(), trust.end());
    }
  }

  void expand(const RawTable& raw, const std::vector<Entry>& entries, const std::string& id) {
    // Of some user, for the mistakes, also where there is none.
    RuleDraft draft = aside_.read(entries);
    draft.of_a_user = true;
    const UsersWant want = draft.users ? draft.users->value : UsersWant{};
    const Pos pos = draft.users ? draft.users->pos : raw.pos;
    Rule nobodys = rule_of(raw, std::move(draft), id);
    const std::vector<ListedUser> users =
        users_to_expand_by(reading_, want, listed(want.source, pos), pos);
    for (const ListedUser& user : users) {
      RuleDraft one = reader_.read(entries, user);
      one.of_a_user = true;
      policy_.rules.push_back(rule_of(raw, std::move(one), id));
    }
    if (!users.empty()) return;
    nobodys.paths.clear();
    nobodys.clauses.clear();
    nobodys.alternatives = 0;
    nobodys.trust.clear();
    policy_.rules.push_back(std::move(nobodys));
  }

  // Asked for once; a mistake where they cannot be had, and a warning where it is not all of them.
  const std::vector<ListedUser>& listed(UserSource source, Pos pos) {
    std::optional<std::vector<ListedUser>>& known = listed_[static_cast<std::size_t>(source)];
    if (known) return *known;
    known.emplace();
    if (!options_.users) return *known;
    ListedUsers users = options_.users(source);
    if (users.ok()) {
      tell_left_out(reading_, *users, pos);
      *known = std::move(users->users);
      return *known;
    }
    const Error& error = users.error();
    reading_.fail(Code::users_unlisted, pos,
                  "the users cannot be listed: could not " + error.doing + " " + error.subject +
                      (error.number != 0 ? ": " + std::string(std::strerror(error.number)) : ""),
                  "a rule with '${home}', '${user}' or '${group}' is expanded by them");
    return *known;
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
  std::array<std::optional<std::vector<ListedUser>>, user_source_names.size()> listed_;
  Policy policy_;
};

}  // namespace

Loaded load(std::span<const SourceFile> files, const LoadOptions& options) {
  return Loader(files, options).run();
}

}  // namespace permward
