// SPDX-License-Identifier: Apache-2.0
#include "engine/examine.hpp"

#include "os/content.hpp"
#include "os/entries.hpp"

#include <variant>
#include <vector>

namespace permward {
namespace {

void add_entries_wanted(const Demand& demand, std::vector<const EntriesWant*>& out) {
  for (const Decided& decided : demand.decided) {
    if (const auto* want = std::get_if<EntriesWant>(&decided.clause->want)) out.push_back(want);
  }
  for (const Choice& choice : demand.choices) {
    for (const Demand& alternative : choice.alternatives) add_entries_wanted(alternative, out);
  }
}

Readout<Sha256::Digest> content_of(const Reader& reader, int held, const MakePath& path,
                                   const Observed& observed) {
  if (reader.baseline != nullptr && reader.baseline->trusts_any()) {
    const auto known = reader.baseline->trusted_content(path(), stamp_of(observed));
    if (known) return {Read::value, 0, *known};
  }
  return content_digest(reader.kernel, held, reader.stop);
}

}  // namespace

Result<void> read_demanded(const Reader& reader, int held, const Demand& demand,
                           const MakePath& path, Observed& observed) {
  if (demand.asks.empty()) return {};
  TRY(reader.observer.of(held, demand.asks, observed));
  read_at_length(reader, held, demand, path, observed);
  return {};
}

void read_at_length(const Reader& reader, int held, const Demand& demand, const MakePath& path,
                    Observed& observed) {
  if (demand.asks.has(Facet::entries) && observed.type == Type::directory) {
    std::vector<const EntriesWant*> wanted;
    add_entries_wanted(demand, wanted);
    const auto left_out = [&](const char* name) {
      return is_beside(reader.beside, held, name, [&] {
        const std::string above = path();
        return (above == "/" ? "" : above) + '/' + name;
      });
    };
    observed.entries = unlisted_entries(reader.kernel, held, wanted, left_out);
  }
  if (demand.asks.has(Facet::content) && observed.type == Type::file) {
    observed.content = content_of(reader, held, path, observed);
  }
  if (demand.asks.has(Facet::accepted)) {
    static const Baseline nothing;
    const Baseline& baseline = reader.baseline == nullptr ? nothing : *reader.baseline;
    observed.accepted = baseline.accepted(path());
  }
}

}  // namespace permward
