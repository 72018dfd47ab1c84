// SPDX-License-Identifier: Apache-2.0
#include "support/catch_main.hpp"

int main(int argc, char** argv) { return permward::test::run_tests(argc, argv); }
