// SPDX-License-Identifier: Apache-2.0
// Catch2 under one name: Debian 12 has 2.13, newer distributions have 3.x with other headers. Tests
// include this file and use what both have; `skip.hpp` has what only 3.x has.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#define PERMWARD_CATCH2_V3 1
#else
#include <catch2/catch.hpp>
#define PERMWARD_CATCH2_V3 0
#endif
