# SPDX-License-Identifier: Apache-2.0
# cmake -D NM=... -D ARCHIVE=... -D LIBM=... -P check_no_libm.cmake
cmake_policy(SET CMP0057 NEW)

# No undefined symbol of the archive may be one that the mathematical library defines: its
# results differ between machines, and rows must not.
execute_process(COMMAND "${NM}" -u "${ARCHIVE}" OUTPUT_VARIABLE wanted
                        RESULT_VARIABLE bad_archive)
execute_process(COMMAND "${NM}" -D --defined-only "${LIBM}" OUTPUT_VARIABLE defined
                        RESULT_VARIABLE bad_libm)
if(bad_archive OR bad_libm)
  message(FATAL_ERROR "nm failed")
endif()

string(REGEX MATCHALL " [A-Za-z] [A-Za-z_0-9]+" lines "${defined}")
set(names "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^ [A-Za-z] " "" name "${line}")
  list(APPEND names "${name}")
endforeach()
list(LENGTH names n)
if(n LESS 100)
  message(FATAL_ERROR "only ${n} symbols found in ${LIBM}")
endif()

string(REGEX MATCHALL " U [A-Za-z_0-9]+" calls "${wanted}")
list(REMOVE_DUPLICATES calls)
set(found "")
foreach(call IN LISTS calls)
  string(REGEX REPLACE "^ U " "" name "${call}")
  if(name IN_LIST names)
    list(APPEND found "${name}")
  endif()
endforeach()
if(found)
  message(FATAL_ERROR "${ARCHIVE} calls the mathematical library: ${found}")
endif()
