// SPDX-License-Identifier: Apache-2.0
// The plan, played on a model of the kernel.
#include "decide/compare.hpp"
#include "decide/conflict.hpp"
#include "decide/plan.hpp"
#include "decide/restraint.hpp"
#include "decide/wanted.hpp"
#include "property/plan_model.hpp"
#include "property/random_demands.hpp"
#include "support/property.hpp"
#include "support/states.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace permward::test {
namespace {

std::uint8_t some_rights() { return static_cast<std::uint8_t>(*rc::gen::inRange(0, 8)); }

std::vector<AclEntry> random_acl() {
  std::vector<AclEntry> out = {{AclTag::user_obj, some_rights(), 0}};
  for (const std::uint32_t id : {1001U, 1002U, 1003U}) {
    if (one_in(3)) out.push_back({AclTag::user, some_rights(), id});
  }
  out.push_back({AclTag::group_obj, some_rights(), 0});
  for (const std::uint32_t id : {33U, 34U}) {
    if (one_in(3)) out.push_back({AclTag::group, some_rights(), id});
  }
  out.push_back({AclTag::mask, some_rights(), 0});
  out.push_back({AclTag::other, some_rights(), 0});
  return out;
}

ObjectState random_state(Type type) {
  ObjectState out;
  out.type = type;
  out.owner = one_of({0U, 1001U, 1002U});
  out.group = one_of({0U, 33U, 34U});
  out.mode = static_cast<std::uint16_t>(*rc::gen::inRange(0, 010000));
  if (type == Type::symlink) {
    out.mode = 0777;
    out.target = one_of<std::string>({"a", "../b", "/c"});
    return out;
  }
  if (one_in(2)) {
    out.acl = random_acl();
    out.mode = static_cast<std::uint16_t>((out.mode & 07000) | permission_bits(out.acl));
  }
  if (type == Type::directory && one_in(3)) out.default_acl = random_acl();
  if (type == Type::file && one_in(2)) {
    out.capabilities = FileCapabilities{one_of<std::uint64_t>({1, 2}), 0, true, 0};
  }
  out.attributes = AttributeSet::of_bits(static_cast<unsigned>(*rc::gen::inRange(0, 8)));
  return out;
}

ObjectState random_end(const ObjectState& now) {
  ObjectState out = random_state(now.type);
  if (one_in(2)) out.owner = now.owner;
  if (one_in(2)) out.group = now.group;
  if (one_in(4)) out.acl = now.acl;
  if (one_in(4)) out.mode = now.mode;
  if (one_in(4)) out.capabilities = now.capabilities;
  if (!out.acl.empty()) {
    out.mode = static_cast<std::uint16_t>((out.mode & 07000) | permission_bits(out.acl));
  }
  return out;
}

// Another program may have named one account twice.
ObjectState some_named_twice(ObjectState state) {
  for (std::size_t i = 0; i < state.acl.size(); ++i) {
    if (!state.acl[i].named() || !one_in(6)) continue;
    const AclEntry again = {state.acl[i].tag, some_rights(), state.acl[i].id};
    state.acl.insert(state.acl.begin() + static_cast<std::ptrdiff_t>(++i), again);
  }
  return state;
}

std::vector<Subject> subjects() {
  std::vector<Subject> out;
  for (const std::uint32_t user : {1001U, 1002U, 1003U, 1004U}) {
    for (unsigned groups = 0; groups < 8; ++groups) {
      Subject subject{user, {}};
      if ((groups & 1) != 0) subject.groups.push_back(33);
      if ((groups & 2) != 0) subject.groups.push_back(34);
      if ((groups & 4) != 0) subject.groups.push_back(0);
      out.push_back(std::move(subject));
    }
  }
  return out;
}

// Nothing that somebody may do in between is new.
void nothing_new(const ObjectState& before, const ObjectState& between, const ObjectState& end) {
  for (const Subject& subject : subjects()) {
    const auto old = powers(before, subject);
    const auto future = powers(end, subject);
    for (const std::string& power : powers(between, subject)) {
      if (old.count(power) != 0 || future.count(power) != 0) continue;
      RC_LOG() << "user " << subject.user << " of " << subject.groups.size() << " groups may "
               << power << " of\n " << text_of(between) << '\n';
      RC_FAIL("a right that there is neither before nor after");
    }
  }
}

void play(const ObjectState& now, const ObjectState& end) {
  RC_LOG() << "from " << text_of(now) << "\n to " << text_of(end) << '\n';
  ObjectState at = now;
  for (const Action& action : plan(now, end)) {
    const auto next = after(at, action);
    if (!next) {
      RC_LOG() << "action " << action.index() << " at " << text_of(at) << '\n';
      RC_FAIL("the kernel refuses, or it changes nothing");
    }
    const auto* acl = std::get_if<SetAcl>(&action);
    const bool longer = acl != nullptr && at.acl.size() < acl->entries.size();
    if (longer && acl->entries.size() > 3) RC_ASSERT(acl->entries == end.acl);
    at = *next;
    nothing_new(now, at, end);
  }
  if (at != end) {
    RC_LOG() << "reached " << text_of(at) << '\n';
    RC_FAIL("the plan does not come to its end");
  }
  RC_ASSERT(plan(at, end).empty());
}

TEST_CASE("a plan leads from any state to any other, and nobody gains a right on the way") {
  check_property("pairs of states", 4000, 100000, [] {
    const Type type = one_of({Type::file, Type::file, Type::directory, Type::fifo});
    const ObjectState now = random_state(type);
    play(some_named_twice(now), random_end(now));
  });
}

TEST_CASE(
    "what is missing is made, and what was made removed, and nobody gains a right on the way") {
  check_property("states of what is made and removed", 1000, 20000, [] {
    const ObjectState there = random_state(one_of({Type::file, Type::directory}));
    play(ObjectState{}, there);
    play(there, ObjectState{});
  });
}

TEST_CASE("of a symlink only the owner and the target are planned") {
  check_property("pairs of links", 200, 2000,
                 [] { play(random_state(Type::symlink), random_state(Type::symlink)); });
}

// Somebody whom the rules do not trust controls where the object lies; it is not his alone.
Surroundings controlled_by_another(std::uint32_t owner) {
  Surroundings out;
  if (one_in(4)) out.untrusted.anyone = true;
  if (one_in(3)) out.untrusted.add_group(one_of({0U, 33U}));
  out.untrusted.add_user(one_of({1001U, 1002U, 1003U}));
  const bool his_alone = out.untrusted.users == std::vector<std::uint32_t>{owner};
  if (his_alone) out.untrusted.add_user(1004);
  out.controllers = out.untrusted;
  if (one_in(3)) out.controllers.add_user(1004);
  out.links = one_of({1U, 1U, 1U, 2U});
  out.owner_demanded = one_in(2);
  return out;
}

TEST_CASE("where another controls an object's place nobody gains, and it is settled in one go") {
  check_property("pairs of states, in controlled places", 4000, 100000, [] {
    const Type type = one_of({Type::file, Type::file, Type::directory, Type::symlink});
    ObjectState drawn = random_state(type);
    // Those are not touched.
    if (!one_in(8)) drawn.attributes = drawn.attributes.without(attributes_in_status);
    const ObjectState end = random_end(drawn);
    const ObjectState now = some_named_twice(drawn);
    const Surroundings around = controlled_by_another(now.owner);
    const Restrained out = restrained(now, end, around);
    RC_LOG() << "from " << text_of(now) << "\n to " << text_of(end) << "\n as far as "
             << text_of(out.state) << '\n';
    RC_ASSERT((out.why == Restraint::none) == (out.state == end));
    RC_ASSERT((out.state.owner == now.owner && out.state.group == now.group));
    nothing_new(now, out.state, now);
    RC_ASSERT(restrained(out.state, end, around).state == out.state);
    if (out.state == now) return;
    play(now, out.state);
  });
}

TEST_CASE("what could have been written by others is not armed") {
  check_property("pairs of states, trusted places", 4000, 100000, [] {
    const ObjectState now = random_state(Type::file);
    const ObjectState end = random_end(now);
    Surroundings around;
    if (one_in(2)) around.controllers.add_user(one_of({1001U, 1002U}));
    around.links = one_of({1U, 1U, 2U});
    around.offline = one_in(4);
    around.owner_demanded = one_in(2);
    const Restrained out = restrained(now, end, around);
    RC_LOG() << "from " << text_of(now) << "\n to " << text_of(end) << "\n as far as "
             << text_of(out.state) << '\n';
    RC_ASSERT((out.why == Restraint::none) == (out.state == end));
    if (around.links > 1 && !around.controllers.empty()) {
      RC_ASSERT(out.state == now);
      return;
    }
    RC_ASSERT((out.state.owner == end.owner && out.state.group == end.group));
    RC_ASSERT(out.state.acl == end.acl);
    play(now, out.state);
    if (out.why == Restraint::none) return;
    // What is left on was on, and its owner and group are those that it had.
    const bool kept = out.state.owner == now.owner && out.state.group == now.group;
    const unsigned had = kept ? unsigned{now.mode} : 0U;
    RC_ASSERT((out.state.mode & set_id_bits & ~had) == 0U);
    RC_ASSERT((!out.state.capabilities || (kept && out.state.capabilities == now.capabilities)));
  });
}

// What the loader cannot know to be at odds: a bound on the mask and rights that the group is to
// have; entries whose `X` is x on one object only; a mask that is bounded from both sides, where
// there need not be one.
struct Odds {
  bool mask_at_most = false;
  bool mask_at_least = false;
  bool x = false;
  bool several = false;

  [[nodiscard]] bool mode() const { return mask_at_most; }
  [[nodiscard]] bool acl() const {
    const bool by_two_rules = several && (x || mask_at_most || mask_at_least);
    return by_two_rules || (mask_at_most && (x || mask_at_least));
  }
};

Odds odds(const Policy& policy) {
  Odds out;
  out.several = policy.rules.size() > 1;
  for (const Rule& rule : policy.rules) {
    const Clause* clause = find_clause(rule, Aspect::acl);
    if (clause == nullptr) continue;
    const auto& want = std::get<AclWant>(clause->want);
    out.mask_at_most = out.mask_at_most || want.mask_at_most;
    out.mask_at_least = out.mask_at_least || want.mask_at_least;
    for (const auto& mask : {want.mask_at_most, want.mask_at_least}) {
      out.x = out.x || (mask && mask->x_if_any_x);
    }
    for (const auto* list : {&want.at_most, &want.at_least}) {
      out.x = out.x || std::any_of(list->begin(), list->end(),
                                   [](const AclWantEntry& entry) { return entry.x_if_any_x; });
    }
  }
  return out;
}

std::vector<Judged> to_hold(const std::vector<Judged>& judged) {
  std::vector<Judged> out;
  for (const Judged& one : judged) {
    if (one.status != Status::error) out.push_back(one);
  }
  return out;
}

bool speaks_of(const std::vector<Judged>& judged, Aspect aspect) {
  return std::any_of(judged.begin(), judged.end(),
                     [aspect](const Judged& one) { return one.decided->clause->aspect == aspect; });
}

// `X`: what chmod(1) does is not the least that would do.
bool looks_at_x(const std::vector<Judged>& judged, Type type) {
  return std::any_of(judged.begin(), judged.end(), [type](const Judged& one) {
    const auto* want = std::get_if<ModeWant>(&one.decided->clause->want);
    if (want == nullptr) return false;
    const auto& rows = want->table(type).rows;
    return std::any_of(rows.begin(), rows.end(),
                       [&rows](const ModeRow& row) { return !(row == rows[0]); });
  });
}

// What no rule speaks of stays, and of a mode no bit is turned that could be left.
void no_more_than_asked(const Policy& policy, const std::vector<Judged>& judged,
                        const Observed& observed, const ObjectState& end) {
  const ObjectState now = state_of(observed);
  const auto says = [&judged](Aspect aspect) { return speaks_of(judged, aspect); };
  RC_ASSERT((says(Aspect::owner) || end.owner == now.owner));
  RC_ASSERT((says(Aspect::group) || end.group == now.group));
  RC_ASSERT(end.default_acl == now.default_acl);
  const auto named = [](const ObjectState& state) {
    std::vector<AclEntry> out = without_duplicates(state.acl);
    std::erase_if(out, [](const AclEntry& entry) { return !entry.named(); });
    return out;
  };
  RC_ASSERT((says(Aspect::acl) || named(end) == named(now)));
  const bool same_ids = end.owner == now.owner && end.group == now.group;
  if (!now.acl.empty() || !end.acl.empty() || !same_ids || looks_at_x(judged, now.type)) return;
  for (unsigned bit = 1; bit <= all_mode_bits; bit <<= 1) {
    if (((now.mode ^ end.mode) & bit) == 0) continue;
    ObjectState left = end;
    left.mode = static_cast<std::uint16_t>(left.mode ^ bit);
    RC_ASSERT(std::any_of(judged.begin(), judged.end(), [&](const Judged& one) {
      return judge_in_state(policy, one, observed, left) != Status::pass;
    }));
  }
}

// Two rules at a time are told to be at odds: of three lists there may be nobody in all.
bool nobody_in_all(const Policy& policy, const std::vector<Judged>& judged, Aspect aspect) {
  const auto accepts = [&](const Judged& one, std::uint32_t id) {
    if (one.decided->clause->aspect != aspect) return true;
    const auto& accounts = std::get<IdWant>(one.decided->clause->want).accounts;
    return std::any_of(accounts.begin(), accounts.end(), [&](std::uint32_t index) {
      return policy.accounts[index].found() && policy.accounts[index].id == id;
    });
  };
  return std::none_of(policy.accounts.begin(), policy.accounts.end(), [&](const Account& account) {
    return std::all_of(judged.begin(), judged.end(),
                       [&](const Judged& one) { return accepts(one, account.id); });
  });
}

void correct(const Policy& policy, const Demand& demand, const Observed& observed) {
  const std::vector<Judged> judged = judge_all(policy, demand, observed);
  const bool other_type = std::any_of(judged.begin(), judged.end(), [](const Judged& one) {
    return one.status == Status::violation && one.decided->clause->aspect == Aspect::type;
  });
  const std::vector<Judged> held = to_hold(judged);
  const ObjectState now = state_of(observed);
  const ObjectState end = wanted(policy, observed, held);
  for (const Judged& one : judged) {
    RC_LOG() << policy.rules[one.decided->rule].id << ' ' << name(one.decided->clause->aspect)
             << ' ' << mode_text(one.decided->parts) << ' ' << name(one.status) << ": "
             << describe(policy, one, observed, account_names()).expected << '\n';
  }
  RC_LOG() << " from " << text_of(now) << "\n to " << text_of(end) << '\n';
  play(now, end);
  if (observed.acl.state == Read::unreadable && observed.type != Type::symlink) {
    RC_ASSERT(end == now);
    return;
  }
  no_more_than_asked(policy, judged, observed, end);
  for (const Judged& one : held) {
    const Status status = judge_in_state(policy, one, observed, end);
    const Aspect aspect = one.decided->clause->aspect;
    const bool of_ids = aspect == Aspect::owner || aspect == Aspect::group;
    const bool barred = (of_ids && nobody_in_all(policy, held, aspect)) ||
                        (aspect == Aspect::mode && odds(policy).mode()) ||
                        (aspect == Aspect::acl && odds(policy).acl());
    const bool corrigible = aspect != Aspect::presence && !other_type && !barred;
    if (corrigible && status != Status::pass) RC_FAIL("what was to be corrected is not");
  }
}

// What the loader refuses: an at-least beyond the at-most of one rule.
bool coherent(const Policy& policy) {
  const auto within = [](const AclWantEntry& low, const AclWantEntry& high) {
    return (low.permissions & ~high.permissions) == 0 && (!low.x_if_any_x || high.x_if_any_x);
  };
  const auto id = [&policy](const AclWantEntry& entry) {
    return policy.accounts[entry.account].id;
  };
  for (const Rule& rule : policy.rules) {
    const Clause* clause = find_clause(rule, Aspect::acl);
    if (clause == nullptr) continue;
    const auto& want = std::get<AclWant>(clause->want);
    if (!want.bounded_above || !want.bounded_below) continue;
    for (const AclWantEntry& low : want.at_least) {
      const bool held =
          std::any_of(want.at_most.begin(), want.at_most.end(), [&](const AclWantEntry& high) {
            return low.tag == high.tag && id(low) == id(high) && within(low, high);
          });
      if (!held) return false;
    }
    for (const AclWantEntry& low : want.at_least) {
      if (want.mask_at_most && !within(low, *want.mask_at_most)) return false;
    }
    const auto& least = want.mask_at_least;
    if (least && want.mask_at_most && !within(*least, *want.mask_at_most)) return false;
  }
  return true;
}

Seen random_link() {
  return seen(Type::symlink).owner(one_of({0U, 1001U})).group(one_of({0U, 33U})).mode(0777);
}

void correct_some(bool with_acl) {
  const Policy drawn = random_policy(with_acl);
  RC_PRE(coherent(drawn));
  RC_PRE(conflicts(drawn, targets_as_written(drawn)).empty());
  Walk walk(drawn);
  for (int i = 0; i < 6; ++i) {
    const Type type = one_of({Type::file, Type::file, Type::directory, Type::symlink});
    const Seen observed = type == Type::symlink ? random_link() : random_object(type);
    correct(drawn, walk.demand("/x", type), observed);
  }
}

TEST_CASE("what is planned from rules without ACLs reaches them") {
  check_property("corrections without ACLs", 3000, 100000, [] { correct_some(false); });
}

TEST_CASE("what is planned from rules with ACLs reaches them") {
  check_property("corrections with ACLs", 4000, 100000, [] { correct_some(true); });
}

}  // namespace
}  // namespace permward::test
