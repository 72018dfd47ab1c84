# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(mode_text SOURCES fuzz_mode_text.cpp LINKS permward_policy)
