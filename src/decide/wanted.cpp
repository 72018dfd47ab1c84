// SPDX-License-Identifier: Apache-2.0
#include "decide/wanted.hpp"

#include "decide/rights.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace permward {
namespace {

constexpr unsigned group_bits = 070;
constexpr int most_rounds = 4;  // `X` reads what another demand may set

using Entries = std::vector<AclEntry>;

unsigned rights_of(const Entries& acl, AclTag tag) {
  const AclEntry* entry = find_entry(acl, tag);
  return entry == nullptr ? 0U : entry->permissions;
}

void set_rights(Entries& acl, AclTag tag, unsigned rights) {
  if (AclEntry* entry = find_entry(acl, tag)) {
    entry->permissions = static_cast<std::uint8_t>(rights);
  } else {
    acl.push_back({tag, static_cast<std::uint8_t>(rights), 0});
  }
}

bool names_somebody(const Entries& acl) {
  return std::any_of(acl.begin(), acl.end(), [](const AclEntry& entry) { return entry.named(); });
}

void bound(AclEntry& entry, unsigned rights) {
  entry.permissions = static_cast<std::uint8_t>(entry.permissions & rights);
}

// What those have whom the mask bounds, written as what they have in effect; so that the mask may
// be raised.
void cut_by_mask(Entries& acl, unsigned mask) {
  for (AclEntry& entry : acl) {
    if (entry.named() || entry.tag == AclTag::group_obj) bound(entry, mask);
  }
}

// One round: what is violated in one observation, put right.
class Correction {
 public:
  Correction(const Policy& policy, const Observed& observed, std::span<const Judged> judged)
      : policy_(policy), observed_(observed), out_(state_of(observed)) {
    for (const Judged& one : judged) {
      const Status status = judge(policy, *one.demand, *one.decided, observed);
      clauses_.push_back({one.demand, one.decided, status, one.of_alternatives});
    }
  }

  ObjectState made() {
    // A chown or a chmod moves what an ACL says, and drops capabilities.
    const bool acl_known = observed_.acl.state != Read::unreadable && complete(out_.acl);
    const bool ids_only = observed_.type == Type::symlink;
    if ((acl_known || ids_only) && observed_.capabilities.state != Read::unreadable) correct_ids();
    if (acl_known && !ids_only) {
      correct_mode_and_acl();
      correct_default_acl();
    }
    for (const Judged& one : clauses_) {
      if (one.status == Status::violation) correct_alone(one);
    }
    return std::move(out_);
  }

 private:
  // What no other aspect bears on.
  void correct_alone(const Judged& judged) {
    if (const auto* capabilities = want_of<CapabilitiesWant>(judged)) {
      out_.capabilities = capabilities->value;
    } else if (const auto* attributes = want_of<AttributesWant>(judged)) {
      const auto decided = AttributeSet::of_bits(judged.decided->parts);
      const AttributeSet parts = decided & observed_.attributes.known;
      out_.attributes =
          (out_.attributes | (attributes->set & parts)).without(attributes->clear & parts);
    } else if (const auto* target = want_of<TargetWant>(judged)) {
      out_.target = target->texts.front();
    }
  }

  template <class Want>
  [[nodiscard]] const Want* want_of(const Judged& judged) const {
    return std::get_if<Want>(&judged.decided->clause->want);
  }

  void correct_ids() {
    correct_id(Aspect::owner, out_.owner);
    correct_id(Aspect::group, out_.group);
  }

  // To the first account of the first clause that all of them accept.
  void correct_id(Aspect aspect, std::uint32_t& id) {
    for (const Judged& one : clauses_) {
      if (one.status != Status::violation || one.decided->clause->aspect != aspect) continue;
      for (const std::uint32_t index : want_of<IdWant>(one)->accounts) {
        if (!all_accept(aspect, policy_.accounts[index].id)) continue;
        id = policy_.accounts[index].id;
        return;
      }
    }
  }

  [[nodiscard]] bool all_accept(Aspect aspect, std::uint32_t id) const {
    return std::all_of(clauses_.begin(), clauses_.end(), [&](const Judged& one) {
      if (one.decided->clause->aspect != aspect) return true;
      const IdWant& want = *want_of<IdWant>(one);
      return want.known ||
             std::any_of(want.accounts.begin(), want.accounts.end(), [&](std::uint32_t index) {
               return policy_.accounts[index].found() && policy_.accounts[index].id == id;
             });
    });
  }

  // What one mode clause makes of the bits that it decides.
  struct Left {
    unsigned parts = 0;
    unsigned bits = 0;
    bool moves_group = false;
    bool exact = false;
  };
  [[nodiscard]] std::optional<Left> left_by(const Judged& judged) const {
    const auto* want = want_of<ModeWant>(judged);
    if (want == nullptr) return std::nullopt;
    Left out;
    out.exact = want->form == ModeWant::Form::exact;
    const BaseMode base = base_mode(*judged.demand, observed_, out.exact);
    if (!base.known) return std::nullopt;
    out.parts = judged.decided->parts;
    out.bits = mode_left_by(want->table(observed_.type), base.mode, *judged.demand, observed_);
    out.moves_group = ((out.bits ^ base.mode) & out.parts & group_bits) != 0;
    return out;
  }

  void correct_mode_and_acl() {
    std::vector<Left> modes;
    const Judged* wrong_acl = nullptr;
    bool of_base = false;  // the modes speak of `group::`, not of the mask
    for (const Judged& one : clauses_) {
      of_base = of_base || one.demand->mode_is_base;
      if (const auto left = left_by(one)) modes.push_back(*left);
      const bool wrong = one.status == Status::violation;
      if (wrong && wrong_acl == nullptr && want_of<AclWant>(one) != nullptr) wrong_acl = &one;
    }
    of_base = (of_base || wrong_acl != nullptr) && !out_.acl.empty();
    const bool group_moves =
        std::any_of(modes.begin(), modes.end(), [](const Left& left) { return left.moves_group; });
    const bool writes_group = wrong_acl != nullptr || group_moves;
    const unsigned mode = mode_left(modes, of_base, writes_group);
    if (wrong_acl != nullptr) return correct_acl(mode, modes);
    if (!of_base) return chmod(mode);
    move_base(mode, group_moves, modes);
  }

  // The twelve bits as the clauses leave them. Of the base entries the group is what it has in
  // effect, if it is written.
  [[nodiscard]] unsigned mode_left(const std::vector<Left>& modes, bool of_base,
                                   bool writes_group) const {
    unsigned mode = observed_.mode;
    if (of_base) {
      unsigned group = rights_of(out_.acl, AclTag::group_obj);
      if (writes_group) group &= rights_of(out_.acl, AclTag::mask);
      mode = (mode & ~group_bits) | group << 3;
    }
    const unsigned before = mode;
    for (const Left& left : modes) {
      const unsigned parts = of_base && !writes_group ? left.parts & ~group_bits : left.parts;
      const unsigned changed = (left.bits ^ before) & parts;  // what others of them change, too
      mode = (mode & ~changed) | (left.bits & changed);
    }
    return mode;
  }

  void chmod(unsigned mode) {
    out_.mode = static_cast<std::uint16_t>(mode);
    if (out_.acl.empty()) return;
    set_rights(out_.acl, AclTag::user_obj, mode >> 6 & 7);
    set_rights(out_.acl, AclTag::mask, mode >> 3 & 7);
    set_rights(out_.acl, AclTag::other, mode & 7);
  }

  // The base entries of an ACL that is right otherwise.
  void move_base(unsigned mode, bool group_moves, const std::vector<Left>& modes) {
    Entries acl = out_.acl;
    set_base(acl, mode, group_moves);
    let_group_through(acl, mode, modes);
    write(std::move(acl), mode);
  }

  // What the group is to have in effect is in the mask, too; and nobody else has more by that.
  void let_group_through(Entries& acl, unsigned mode, const std::vector<Left>& modes) const {
    const bool in_effect = std::any_of(modes.begin(), modes.end(), [](const Left& left) {
      return left.moves_group && !left.exact;
    });
    const unsigned mask = rights_of(acl, AclTag::mask);
    const unsigned raised = mask | (mode >> 3 & 7 & greatest_mask());
    if (!in_effect || raised == mask || find_entry(acl, AclTag::mask) == nullptr) return;
    cut_by_mask(acl, mask);
    set_rights(acl, AclTag::group_obj, mode >> 3 & 7);
    set_rights(acl, AclTag::mask, raised);
  }

  // That the demands on the ACL leave.
  [[nodiscard]] unsigned greatest_mask() const {
    unsigned out = 7;
    for (const Judged& one : clauses_) {
      const auto* want = want_of<AclWant>(one);
      if (want != nullptr && want->mask_at_most) {
        out &= stated_rights(*want->mask_at_most, observed_);
      }
    }
    return out;
  }

  static void set_base(Entries& acl, unsigned mode, bool group) {
    set_rights(acl, AclTag::user_obj, mode >> 6 & 7);
    if (group) set_rights(acl, AclTag::group_obj, mode >> 3 & 7);
    set_rights(acl, AclTag::other, mode & 7);
  }

  void correct_acl(unsigned mode, const std::vector<Left>& modes) {
    Entries acl = out_.acl.empty() ? base_entries(mode) : without_duplicates(out_.acl);
    set_base(acl, mode, true);
    let_group_through(acl, mode, modes);
    // `X` is read of the object as its mode is left.
    ObjectState with_mode = out_;
    with_mode.mode = static_cast<std::uint16_t>(mode);
    if (!out_.acl.empty()) {
      with_mode.acl = acl;
      set_rights(with_mode.acl, AclTag::mask, rights_of(acl, AclTag::mask) | (mode >> 3 & 7));
    }
    const AsRead reading(with_mode, observed_);
    for (const Judged& one : clauses_) {
      const auto* want = want_of<AclWant>(one);
      if (want == nullptr || one.status != Status::violation) continue;
      if (want->form == AclWant::Form::exact) {
        if (skipped(one, *want, *reading)) break;
        return write(exact_acl(one, *want, acl, *reading), mode);
      }
      if (want->bounded_above) cut(*want, acl, *reading);
      if (want->bounded_below) raise(*want, acl, *reading);
    }
    keep_in_force(acl);
    if (!names_somebody(acl)) {
      cut_by_mask(acl, rights_of(acl, AclTag::mask));
      std::erase_if(acl, [](const AclEntry& entry) { return entry.tag == AclTag::mask; });
    }
    write(std::move(acl), mode);
  }

  // A mask that is cut to nothing would have the kernel skip the ACL, and let in whom it denies.
  // The entries are cut instead, and the mask is what is allowed; unless that is nothing, as
  // demanded.
  void keep_in_force(Entries& acl) const {
    const bool was = rights_of(out_.acl, AclTag::mask) != 0;
    const bool is = rights_of(acl, AclTag::mask) != 0 || !names_somebody(acl);
    if (!was || is || greatest_mask() == 0) return;
    cut_by_mask(acl, 0);
    set_rights(acl, AclTag::mask, greatest_mask());
  }

  // The mask comes out empty, once the mode is right: the kernel would not look at such an ACL.
  static bool skipped(const Judged& judged, const AclWant& want, const Observed& reading) {
    const bool extended = !want.at_most.empty() || want.mask_at_most;
    return extended && wanted_mask(want, *judged.demand, reading) == 0;
  }

  [[nodiscard]] Entries exact_acl(const Judged& judged, const AclWant& want, const Entries& base,
                                  const Observed& reading) const {
    Entries out;
    for (const AclTag tag : {AclTag::user_obj, AclTag::group_obj, AclTag::other}) {
      set_rights(out, tag, rights_of(base, tag));
    }
    if (want.at_most.empty() && !want.mask_at_most) return out;
    for (const AclWantEntry& entry : want.at_most) {
      const std::uint32_t id = policy_.accounts[entry.account].id;
      if (find_named(out, entry.tag, id) != nullptr) continue;  // two names of one account
      out.push_back({entry.tag, static_cast<std::uint8_t>(stated_rights(entry, reading)), id});
    }
    set_rights(out, AclTag::mask, wanted_mask(want, *judged.demand, reading));
    return out;
  }

  static AclEntry* find_named(Entries& acl, AclTag tag, std::uint32_t id) {
    const auto it = std::find_if(acl.begin(), acl.end(), [&](const AclEntry& entry) {
      return entry.tag == tag && entry.id == id;
    });
    return it == acl.end() ? nullptr : &*it;
  }

  // What stands in the list for an entry may be more than that list, and not less.
  void cut(const AclWant& want, Entries& acl, const Observed& reading) const {
    const auto allowed = [&](const AclEntry& present) {
      for (const AclWantEntry& entry : want.at_most) {
        if (entry.tag == present.tag && policy_.accounts[entry.account].id == present.id) {
          return std::optional<unsigned>(stated_rights(entry, reading));
        }
      }
      return std::optional<unsigned>();
    };
    std::erase_if(acl, [&](const AclEntry& entry) {
      return entry.named() && entry.permissions != 0 && !allowed(entry);
    });
    for (AclEntry& entry : acl) {
      if (entry.named()) bound(entry, allowed(entry).value_or(0));
      if (entry.tag == AclTag::mask && want.mask_at_most) {
        bound(entry, stated_rights(*want.mask_at_most, reading));
      }
    }
  }

  void raise(const AclWant& want, Entries& acl, const Observed& reading) const {
    const bool masked = find_entry(acl, AclTag::mask) != nullptr;
    const unsigned mask = rights_of(acl, masked ? AclTag::mask : AclTag::group_obj);
    unsigned raised = mask;
    for (const AclWantEntry& entry : want.at_least) raised |= stated_rights(entry, reading);
    if (want.mask_at_least) raised |= stated_rights(*want.mask_at_least, reading);
    if (raised != mask) cut_by_mask(acl, mask);
    for (const AclWantEntry& entry : want.at_least) {
      const auto rights = static_cast<std::uint8_t>(stated_rights(entry, reading));
      const std::uint32_t id = policy_.accounts[entry.account].id;
      AclEntry* present = find_named(acl, entry.tag, id);
      if (present == nullptr && rights == 0) continue;  // that he has, and an entry would deny
      if (present == nullptr) present = &acl.emplace_back(AclEntry{entry.tag, 0, id});
      present->permissions |= rights;
    }
    if (masked || names_somebody(acl)) set_rights(acl, AclTag::mask, raised);
  }

  // `mode` for what no ACL says: set-id and sticky bits.
  void write(Entries acl, unsigned mode) {
    std::sort(acl.begin(), acl.end(), acl_order);
    acl = without_duplicates(acl);
    out_.mode = static_cast<std::uint16_t>((mode & ~0777U) | permission_bits(acl));
    const bool extended = find_entry(acl, AclTag::mask) != nullptr;
    out_.acl = extended ? std::move(acl) : Entries{};
  }

  void correct_default_acl() {
    for (const Judged& one : clauses_) {
      const auto* want = want_of<DefaultAclWant>(one);
      if (want == nullptr || one.status != Status::violation) continue;
      // Once the mode is right the kernel might not look at the ACL of what is made there.
      const AsRead reading(out_, observed_);
      if (wanted_default_mask(*want, *reading) == 0U) return;
      out_.default_acl = want->none() ? Entries{} : default_acl(*want);
      return;
    }
  }

  [[nodiscard]] Entries default_acl(const DefaultAclWant& want) const {
    const AsRead reading(out_, observed_);  // the access ACL as this run leaves it
    Entries out;
    for (const AclTag tag : {AclTag::user_obj, AclTag::group_obj, AclTag::other}) {
      set_rights(out, tag, wanted_default_base(want, *reading, tag));
    }
    for (const AclWantEntry& entry : want.named) {
      const std::uint32_t id = policy_.accounts[entry.account].id;
      if (find_named(out, entry.tag, id) != nullptr) continue;
      out.push_back({entry.tag, entry.permissions, id});
    }
    if (const auto mask = wanted_default_mask(want, *reading)) set_rights(out, AclTag::mask, *mask);
    std::sort(out.begin(), out.end(), acl_order);
    return out;
  }

  const Policy& policy_;
  const Observed& observed_;
  std::vector<Judged> clauses_;  // as they come out here
  ObjectState out_;
};

// The set-id bits that some clause wants set on an object with that mode.
unsigned demanded_set_id(std::span<const Judged> judged, Type type, unsigned mode) {
  unsigned out = 0;
  for (const Judged& one : judged) {
    const auto* want = std::get_if<ModeWant>(&one.decided->clause->want);
    if (want == nullptr) continue;
    out |= unsigned{want->table(type).rows[execute_index(mode)].set} & one.decided->parts;
  }
  return out & set_id_bits;
}

bool demands_capabilities(std::span<const Judged> judged) {
  return std::any_of(judged.begin(), judged.end(), [](const Judged& one) {
    const auto* want = std::get_if<CapabilitiesWant>(&one.decided->clause->want);
    return want != nullptr && want->value.has_value();
  });
}

// They are not handed to a new owner or group.
void disarm(std::span<const Judged> judged, ObjectState& state) {
  const unsigned kept = demanded_set_id(judged, state.type, state.mode);
  state.mode = static_cast<std::uint16_t>(state.mode & ~(set_id_bits & ~kept));
  if (!demands_capabilities(judged)) state.capabilities.reset();
}

void lend(const Entries& entries, std::vector<std::byte>& bytes, Readout<AclView>& out) {
  out.value = {};
  if (entries.empty()) return;
  bytes = encode_acl(entries);
  out.value = AclView::parse(bytes).value_or(AclView{});
}

}  // namespace

AsRead::AsRead(const ObjectState& state, const Observed& observed) : seen_(observed) {
  seen_.owner = state.owner;
  seen_.group = state.group;
  seen_.mode = state.mode;
  lend(state.acl, acl_, seen_.acl);
  lend(state.default_acl, default_acl_, seen_.default_acl);
  seen_.capabilities.value = state.capabilities;
  seen_.attributes.set = state.attributes;
  seen_.target.value = state.target;
}

FacetSet facets_to_plan(Type type) {
  if (type == Type::absent) return {};
  if (type == Type::symlink) return Facet::target;
  const FacetSet acl = Facet::acl;
  return type == Type::file ? acl | Facet::capabilities : acl;
}

ObjectState wanted(const Policy& policy, const Observed& observed, std::span<const Judged> judged) {
  const ObjectState now = state_of(observed);
  ObjectState out = now;
  for (int round = 0; round < most_rounds; ++round) {
    const AsRead reading(out, observed);
    ObjectState next = Correction(policy, *reading, judged).made();
    if (next == out) break;
    out = std::move(next);
  }
  const bool new_ids = now.owner != out.owner || now.group != out.group;
  if (new_ids) out.acl = without_duplicates(out.acl);  // it is written then
  if (new_ids && out.type != Type::directory && out.type != Type::symlink) disarm(judged, out);
  return out;
}

ObjectState wanted_rights(const Policy& policy, const Demand& demand, const Observed& observed) {
  std::vector<Judged> judged;
  for (const Decided& decided : demand.decided) {
    const Aspect aspect = decided.clause->aspect;
    if (aspect != Aspect::mode && aspect != Aspect::acl) continue;
    judged.push_back({&demand, &decided, judge(policy, demand, decided, observed), 0});
  }
  return wanted(policy, observed, judged);
}

Status judge_in_state(const Policy& policy, const Judged& judged, const Observed& observed,
                      const ObjectState& state) {
  const AsRead reading(state, observed);
  return judge(policy, *judged.demand, *judged.decided, *reading);
}

}  // namespace permward
