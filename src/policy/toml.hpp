// SPDX-License-Identifier: Apache-2.0
//
// toml++ under one name: 3.4 has toml.hpp, Debian 12's 3.3 has toml.h. Headers only, without
// exceptions. Included by `policy/document.cpp` alone: it takes seconds to compile.
#pragma once

// toml++ 3.3 asserts what it has not looked at: a table whose name begins with no key (`[{`) aborts
// a debug build, and a compiler may assume in others that there is none. Without the assertions it
// reports a mistake like any other. NDEBUG would turn them into assumptions.
#define TOML_ASSERT(expression) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#if __has_include(<toml++/toml.hpp>)
#include <toml++/toml.hpp>
#else
#include <toml++/toml.h>
#endif
#pragma pop_macro("NDEBUG")
