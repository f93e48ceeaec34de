# SPDX-License-Identifier: Apache-2.0
# sil::flags carries what every translation unit of ours is compiled with.
option(SIL_WERROR "Treat warnings as errors" OFF)
set(SIL_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

add_library(sil_flags INTERFACE)
add_library(sil::flags ALIAS sil_flags)
target_compile_features(sil_flags INTERFACE c_std_17)
target_compile_definitions(sil_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
# gcc 13 takes an mpq_t that is handed on for its numerator, and warns of bytes behind it
# (-Wstringop-overread).
target_compile_options(
  sil_flags
  INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wvla
            -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2
            -Wundef -Wswitch-enum -Wfloat-equal -Wdouble-promotion
            -fno-common -ffp-contract=off -fvisibility=hidden
            "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
            $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wformat-signedness
                                   -Wno-stringop-overread>
            $<$<C_COMPILER_ID:Clang>:-Wcomma -Wimplicit-fallthrough>
            $<$<BOOL:${SIL_WERROR}>:-Werror>
            $<$<CONFIG:Release>:-fstack-protector-strong>)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SIL_SANITIZE)
  target_compile_options(sil_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(sil_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(SIL_SANITIZE)
  target_compile_options(sil_flags INTERFACE -fsanitize=${SIL_SANITIZE}
                                             -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer
                                             -g1) # a report's lines need no more
  target_link_options(sil_flags INTERFACE -fsanitize=${SIL_SANITIZE})
endif()
