// SPDX-License-Identifier: Apache-2.0
// A program for CMake's sake: other targets reuse its precompiled headers. Nobody runs it.
int main() { return 0; }
