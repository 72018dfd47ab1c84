// SPDX-License-Identifier: Apache-2.0
#include "report/error_text.hpp"

#include "base/text.hpp"
#include "report/escape.hpp"

#include <system_error>

namespace permward {
namespace {

// What is to be said where no call of the system failed.
std::string_view reason(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
      return "there is no such thing";
    case ErrorKind::denied:
      return "that is not allowed";
    case ErrorKind::unsupported:
      return "this system has no such thing";
    case ErrorKind::insecure_path:
      return "somebody else could decide where it leads";
    case ErrorKind::changed:
      return "it changed meanwhile";
    case ErrorKind::invalid:
      return "it is malformed";
    case ErrorKind::io:
      break;
  }
  return "";
}

}  // namespace

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::denied:
      return "denied";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::insecure_path:
      return "insecure_path";
    case ErrorKind::changed:
      return "changed";
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::io:
      break;
  }
  return "io";
}

std::string error_text(const Error& error) {
  std::string out = "could not " + shown_text(error.doing);
  if (!error.subject.empty()) out += ' ' + printable(error.subject);
  const std::string why = error.number != 0 ? std::generic_category().message(error.number)
                                            : std::string(reason(error.kind));
  if (!why.empty()) out += ": " + why;
  return out;
}

}  // namespace permward
