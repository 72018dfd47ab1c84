// SPDX-License-Identifier: Apache-2.0
//
// toml++ under one name: 3.4 has toml.hpp, Debian 12's 3.3 has toml.h. Headers only, without
// exceptions. Included by `policy/document.cpp` alone: it takes seconds to compile.
#pragma once

#if __has_include(<toml++/toml.hpp>)
#include <toml++/toml.hpp>
#else
#include <toml++/toml.h>
#endif
