# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(policy SOURCES fuzz_policy.cpp LINKS permward_policy)
