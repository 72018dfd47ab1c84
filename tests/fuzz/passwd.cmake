# SPDX-License-Identifier: Apache-2.0
permward_fuzz_target(passwd SOURCES fuzz_passwd.cpp LINKS permward_model)
