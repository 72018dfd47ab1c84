// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_restraint.hpp"

#include "decide/describe_principals.hpp"

namespace permward {

std::string restraint_text(Restraint why, const Surroundings& around, const AccountNames& names) {
  switch (why) {
    case Restraint::none:
      break;
    case Restraint::unknown_account:
      return "nothing of it is corrected while a name in its rules has no account";
    case Restraint::barred:
      return "the directory that it lies in is " + attributes_text(around.bars) +
             ": lift that (chattr -" + (around.bars.has(Attribute::immutable) ? "i" : "a") +
             "), and run again";
    case Restraint::second_link:
      return "it has " + std::to_string(around.links) + " links, and " +
             principals_text(around.controllers, names) + " may make links where it lies";
    case Restraint::controlled:
      return principals_text(around.untrusted, names) +
             " may change what lies there; close the directory, look at it and run again, or "
             "accept that in the rule: trust = [" +
             trust_text(around.untrusted, names) + "]";
    case Restraint::unverified:
      return "somebody else could have written what is in it, or put it there: look at it, and "
             "make it anew";
  }
  return "";
}

}  // namespace permward
