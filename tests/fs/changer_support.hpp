// SPDX-License-Identifier: Apache-2.0
// What the tests of `os/changer.hpp` share: objects of each type, all kinds of actions, and what
// the tools show of an object.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "model/action.hpp"
#include "model/type.hpp"
#include "os/kernel.hpp"

#include <array>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace permward::test {

inline const std::vector<Type> present_types = {Type::file, Type::directory, Type::symlink,
                                                Type::fifo, Type::socket,    Type::character,
                                                Type::block};

// Throws errno.
void require(bool done, const std::string& doing);

// One empty object; a symlink leads nowhere.
void make(Type type, const std::string& path);

Fd hold(const std::string& path);  // O_PATH
struct stat status_of(const std::string& path);

enum class Era { now, before_the_newer_calls };
inline constexpr std::array<Era, 2> eras = {Era::now, Era::before_the_newer_calls};
Kernel kernel_of(Era era);

// Of each path what stat(2), getfacl(1), lsattr(1) and getcap(8) show of an object of its type.
std::map<std::string, std::string> shown(const std::map<std::string, Type>& objects);
std::string shown(const std::string& path, Type type);

// One of each kind, of a value that no object has at first.
std::vector<Action> all_actions();
// Whether objects of the type have what the action changes.
bool applies(Type type, const Action& action);

std::string octal(unsigned mode);
std::string acl_text(const std::vector<AclEntry>& entries);  // as setfacl(1) takes it
std::string letters_of(AttributeSet attributes);             // those of chattr(1)
std::string text_of(const Action& action);                   // for messages
int number_of(const Result<void>& result);                   // the errno; 0: it was done

}  // namespace permward::test
