# SPDX-License-Identifier: Apache-2.0
# Targets for people: format, tidy, bench. ./check runs the tests and the gates.

add_custom_target(
  format
  COMMAND git ls-files -z "*.c" "*.h" | xargs -0 clang-format-14 -i
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  COMMENT "Formatting by .clang-format"
  VERBATIM)

# In a build by clang only: clang-tidy takes the compiler's flags for its own.
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  add_custom_target(
    tidy
    COMMAND git ls-files -z "src/*.c" "privacy/*.c"
            | xargs -0 -n 4 clang-tidy-14 -p "${PROJECT_BINARY_DIR}" --quiet
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Reading the sources with clang-tidy"
    VERBATIM)
endif()

# The figures of docs/benchmarks.md. Accuracy needs the public tables.
set(SIL_TEST_DATA "$ENV{SIL_TEST_DATA}" CACHE PATH "Folder of the public tables")
if(NOT SIL_TEST_DATA)
  set(SIL_TEST_DATA "${PROJECT_SOURCE_DIR}/../shared/data")
endif()
add_custom_target(
  bench
  COMMAND bench_noise
  COMMAND bench_count
  COMMAND bench_table write 1000000
  COMMAND bench_ledger
  COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tests/bench/bench_release.py"
          "$<TARGET_FILE:silhouette>" "${SIL_TEST_DATA}"
  COMMENT "Measuring; the figures of docs/benchmarks.md"
  USES_TERMINAL VERBATIM)
