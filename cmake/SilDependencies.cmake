# SPDX-License-Identifier: Apache-2.0
# Libraries of the distribution, each made for its job. Headers are SYSTEM: their warnings
# are not ours.
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET "libsodium>=1.0.18")
pkg_check_modules(gmp REQUIRED IMPORTED_TARGET "gmp>=6.2")
pkg_check_modules(mpfr REQUIRED IMPORTED_TARGET "mpfr>=4.1")
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET "jansson>=2.13")
# Debian 12 names the C library msgpack, Ubuntu 24.04 msgpack-c.
pkg_search_module(msgpack REQUIRED IMPORTED_TARGET "msgpack-c>=4.0" "msgpack>=4.0")
find_package(OpenMP REQUIRED COMPONENTS C)
