# SPDX-License-Identifier: Apache-2.0
# How tests are declared. Labels choose the tier: unit, property, golden, vectors, gate run
# in ./check; statistical in ./check, release only; long and bench in ./check --long only.
pkg_check_modules(criterion REQUIRED IMPORTED_TARGET criterion)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(CheckLinkerFlag)
include(SilChecks)

# One TAP report a Criterion program, for tests/tally.py.
set(SIL_RESULTS_DIR "${PROJECT_BINARY_DIR}/results")
file(MAKE_DIRECTORY "${SIL_RESULTS_DIR}")

# Tests run their own code once: less time goes into a compiler that does not optimise it.
add_library(sil_test_flags INTERFACE)
target_compile_options(
  sil_test_flags
  INTERFACE $<IF:$<CONFIG:Release>,-O1,-O0>
            -Wno-conversion -Wno-sign-conversion -Wno-missing-prototypes -Wno-pedantic
            -Wno-float-equal -Wno-double-promotion
            "-DSIL_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\""
            "-DSIL_BINARY_DIR=\"${PROJECT_BINARY_DIR}\"")
# There are hundreds of test programs, and lld links one in a third of the time.
check_linker_flag(C -fuse-ld=lld SIL_HAS_LLD)
if(SIL_HAS_LLD)
  target_link_options(sil_test_flags INTERFACE -fuse-ld=lld)
endif()

# Several tests run at a time: threads that wait for work give their core to another.
set(SIL_TEST_ENVIRONMENT "OMP_WAIT_POLICY=passive" "KMP_BLOCKTIME=0")

# What sanitized programs are told: an impossible allocation fails as it does elsewhere;
# what other people's libraries keep until the end is no leak of ours.
set(SIL_LEAKS "${PROJECT_SOURCE_DIR}/tests/support/lsan.supp")
set(SIL_SANITIZER_OPTIONS
    "ASAN_OPTIONS=allocator_may_return_null=1"
    "LSAN_OPTIONS=suppressions=${SIL_LEAKS}:print_suppressions=0")

# With many more random cases (SIL_TEST_MULTIPLIER) tests may take many times as long.
set(SIL_TEST_PATIENCE 1 CACHE STRING "Factor of the time that a test may take")

# _sil_test_properties(<name> <timeout> <label>...): sanitized, five times as long.
function(_sil_test_properties name timeout)
  if(NOT timeout)
    set(timeout 300)
  endif()
  math(EXPR timeout "${SIL_TEST_PATIENCE} * ${timeout}")
  if(NOT bench IN_LIST ARGN)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${SIL_TEST_ENVIRONMENT}")
  endif()
  if(SIL_SANITIZE)
    math(EXPR timeout "5 * ${timeout}")
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "${SIL_SANITIZER_OPTIONS}")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS "${ARGN}")
endfunction()

# _sil_test_compile(<target> <layer>...): what a test's source is compiled against.
function(_sil_test_compile target)
  foreach(layer IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE sil::${layer})
  endforeach()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests"
                                               "${PROJECT_SOURCE_DIR}/include"
                                               "${PROJECT_SOURCE_DIR}/src"
                                               "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE PkgConfig::criterion sil::flags sil_test_flags)
endfunction()

# _sil_test_kit(<variable> <file> <layer>...): the object of a source that several tests
# share, compiled once.
function(_sil_test_kit variable file)
  file(RELATIVE_PATH kit "${PROJECT_SOURCE_DIR}/tests" "${file}")
  string(MAKE_C_IDENTIFIER "kit_${kit}" kit)
  if(NOT TARGET ${kit})
    add_library(${kit} OBJECT "${file}")
    _sil_test_compile(${kit} ${ARGN})
  endif()
  set(${variable} "$<TARGET_OBJECTS:${kit}>" PARENT_SCOPE)
endfunction()

# sil_test(<name> SOURCES <file>... NEEDS <layer>... [LABELS <label>...] [TIMEOUT <s>])
#
# One Criterion program: its own source is the first, what it shares with others follows.
# LeakSanitizer reports in a worker process do not fail a Criterion run by themselves, hence
# the regular expression.
function(sil_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;NEEDS;LABELS")
  list(POP_FRONT arg_SOURCES own)
  add_executable(${name} "${own}")
  foreach(file IN LISTS arg_SOURCES)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    _sil_test_kit(object "${file}" ${arg_NEEDS})
    target_sources(${name} PRIVATE "${object}")
  endforeach()
  _sil_test_compile(${name} ${arg_NEEDS})
  add_test(NAME ${name} COMMAND ${name} --jobs 2 "--tap=${SIL_RESULTS_DIR}/${name}.tap")
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  _sil_test_properties(${name} "${arg_TIMEOUT}" ${arg_LABELS})
  set_tests_properties(${name} PROPERTIES FAIL_REGULAR_EXPRESSION
                                          "(ERROR|SUMMARY): .*Sanitizer|runtime error:")
endfunction()

# sil_script_test(<name> COMMAND <word>... [LABELS <label>...] [TIMEOUT <s>])
#
# A test that is not a Criterion program: exit code 0 passed, 77 skipped, else failed. When
# the last line it prints reads "N passed, N failed, N skipped", these are its cases.
function(sil_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "COMMAND;LABELS")
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  _sil_test_properties(${name} "${arg_TIMEOUT}" ${arg_LABELS})
  # Scripts take longest, and start first: no core is left alone with one at the end.
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 COST 10)
  if(SIL_SANITIZE)
    # clang 14's leak checker now and then crashes itself at the end of a process whose
    # OpenMP threads are still alive ("Tracer caught signal 11"). Scripts start hundreds of
    # short processes, so here it is off; the Criterion programs look for leaks.
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT 
                 "ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0")
  endif()
endfunction()
