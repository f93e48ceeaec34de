# SPDX-License-Identifier: Apache-2.0
# sil_test(<name> SOURCES <file>... NEEDS <layer>... [LABELS <label>...] [TIMEOUT <s>])
#
# One Criterion program. LeakSanitizer reports in a worker process do not fail a Criterion
# run by themselves, hence the regular expression.
pkg_check_modules(criterion REQUIRED IMPORTED_TARGET criterion)

add_library(sil_test_flags INTERFACE)
target_compile_options(
  sil_test_flags
  INTERFACE -Wno-conversion -Wno-sign-conversion -Wno-missing-prototypes -Wno-pedantic
            -Wno-float-equal -Wno-double-promotion
            "-DSIL_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\""
            "-DSIL_BINARY_DIR=\"${PROJECT_BINARY_DIR}\"")

function(sil_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;NEEDS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  foreach(layer IN LISTS arg_NEEDS)
    target_link_libraries(${name} PRIVATE sil::${layer})
  endforeach()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests"
                                             "${PROJECT_SOURCE_DIR}/include"
                                             "${PROJECT_SOURCE_DIR}/src"
                                             "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE PkgConfig::criterion sil::flags sil_test_flags)
  add_test(NAME ${name} COMMAND ${name} --jobs 2)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  set_tests_properties(
    ${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
                       FAIL_REGULAR_EXPRESSION "Sanitizer|runtime error:")
endfunction()
