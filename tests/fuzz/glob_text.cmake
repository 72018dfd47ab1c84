# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(glob_text SOURCES fuzz_glob_text.cpp LINKS permward_policy)
