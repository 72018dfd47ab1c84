// SPDX-License-Identifier: Apache-2.0
#include "cli/distrust_text.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

class FakeNames final : public NameService {
 public:
  Found id_of(AccountKind, const std::string&) override { return {}; }
  Found has_account(AccountKind, std::uint32_t) override { return {}; }
  ListedUsers users(UserSource) override { return UserList(); }
  std::string name_of(AccountKind kind, std::uint32_t id) override {
    if (kind == AccountKind::user && id == 1) return "mallory";
    if (kind == AccountKind::group && id == 33) return "w\neb";
    return "";
  }
  std::vector<std::string> names(AccountKind) override { return {}; }
};

Principals principals(std::vector<std::uint32_t> users, std::vector<std::uint32_t> groups) {
  Principals out;
  out.users = std::move(users);
  out.groups = std::move(groups);
  return out;
}

std::string text_of(const Principals& who) {
  FakeNames names;
  return principals_text(who, names);
}

}  // namespace

TEST_CASE("principals are named, or numbered where they have no name") {
  REQUIRE(text_of(principals({1}, {})) == "user mallory");
  REQUIRE(text_of(principals({7}, {})) == "user 7");
  REQUIRE(text_of(principals({1, 7}, {33})) == "user mallory, user 7 and group w\\x0aeb");
  REQUIRE(text_of(principals({1, 2, 3, 4, 5, 6}, {33})) ==
          "user mallory, user 2, user 3, user 4, user 5 and 2 others");
}

TEST_CASE("everyone is everyone, with or without others") {
  Principals who = principals({1}, {33});
  who.anyone = true;
  REQUIRE(text_of(who) == "everyone");
}

TEST_CASE("each way in which a policy is not root's alone is a warning about its place") {
  const auto message = [](Distrust::Way way) {
    FakeNames names;
    const Diagnostics out =
        distrust_warnings({{way, "/srv", principals({1}, {})}}, Decides::policy, names);
    REQUIRE(out.size() == 1);
    REQUIRE(out[0].severity == Diagnostic::Severity::warning);
    REQUIRE(out[0].code == "W0001");
    REQUIRE(out[0].file == "/srv");
    REQUIRE(out[0].line == 0);
    return out[0].message;
  };
  REQUIRE(message(Distrust::Way::may_replace) ==
          "user mallory may replace what lies in this directory, and so the policy");
  REQUIRE(message(Distrust::Way::may_add) == "user mallory may add policies to this directory");
  REQUIRE(message(Distrust::Way::owns_link) ==
          "user mallory owns this link, and so decides what the policy is");
  REQUIRE(message(Distrust::Way::may_write) == "user mallory may write this policy");
}

TEST_CASE("so is each way in which the settings are not root's alone") {
  const auto warning = [](Distrust::Way way) {
    FakeNames names;
    return distrust_warnings({{way, "/srv", principals({1}, {})}}, Decides::settings, names).at(0);
  };
  REQUIRE(warning(Distrust::Way::may_write).code == "W0001");
  REQUIRE(warning(Distrust::Way::may_replace).message ==
          "user mallory may replace what lies in this directory, and so the settings");
  REQUIRE(warning(Distrust::Way::owns_link).message ==
          "user mallory owns this link, and so decides what the settings are");
  REQUIRE(warning(Distrust::Way::may_write).message == "user mallory may write these settings");
  REQUIRE(warning(Distrust::Way::may_write).help ==
          "settings should be root's alone; --allow-untrusted-policy accepts them");
}

TEST_CASE("so is each way in which a root, or what its names mean, is not root's alone") {
  const auto warning = [](Decides what, Distrust::Way way) {
    FakeNames names;
    return distrust_warnings({{way, "/srv", principals({1}, {})}}, what, names).at(0);
  };
  REQUIRE(warning(Decides::root, Distrust::Way::may_replace).code == "W0002");
  REQUIRE(warning(Decides::root, Distrust::Way::may_replace).message ==
          "user mallory may replace what lies in this directory, and so the root");
  REQUIRE(warning(Decides::root, Distrust::Way::owns_link).message ==
          "user mallory owns this link, and so decides where the root lies");
  REQUIRE(warning(Decides::names, Distrust::Way::may_write).code == "W0003");
  REQUIRE(warning(Decides::names, Distrust::Way::may_replace).message ==
          "user mallory may replace what lies in this directory, and so what names mean");
  REQUIRE(warning(Decides::names, Distrust::Way::owns_link).message ==
          "user mallory owns this link, and so decides what names mean");
  REQUIRE(warning(Decides::names, Distrust::Way::may_write).message ==
          "user mallory may write this file, and so what names mean");
}
