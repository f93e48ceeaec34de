# SPDX-License-Identifier: Apache-2.0
# sil_layer(<name> SOURCES <file>... [NEEDS <lower layer>...] [LINK <library>...])
#
# One static library per layer. Naming a layer that is not defined yet is an error, so the
# order of add_subdirectory() calls in the root file *is* the layering, bottom first.
# tests/gates/check_includes.py checks that the #include lines keep to NEEDS as well.
define_property(GLOBAL PROPERTY SIL_LAYERS BRIEF_DOCS "Layers defined so far")

function(sil_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;NEEDS;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sil_layer(${name}): unknown ${arg_UNPARSED_ARGUMENTS}")
  endif()

  add_library(sil_${name} STATIC ${arg_SOURCES})
  add_library(sil::${name} ALIAS sil_${name})
  target_include_directories(
    sil_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src"
                       "${PROJECT_SOURCE_DIR}")
  foreach(lower IN LISTS arg_NEEDS)
    if(NOT TARGET sil::${lower})
      message(FATAL_ERROR "sil_layer(${name}): '${lower}' is not a lower layer")
    endif()
    target_link_libraries(sil_${name} PUBLIC sil::${lower})
  endforeach()
  target_link_libraries(sil_${name} PUBLIC ${arg_LINK} PRIVATE sil::flags)
  set_property(GLOBAL APPEND PROPERTY SIL_LAYERS sil_${name})
endfunction()
