# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(acl_text SOURCES fuzz_acl_text.cpp LINKS permward_policy)
