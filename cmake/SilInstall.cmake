# SPDX-License-Identifier: Apache-2.0
# The shared library, and what `cmake --install` puts where.
include(CMakePackageConfigHelpers)

# The library is the layers' objects, compiled once; tests link the same objects, and only
# what cmake/silhouette.symbols lists is visible from outside. The major version is part of
# the name that programs look for.
set(SIL_SONAME "${PROJECT_VERSION_MAJOR}")
set(SIL_SYMBOLS "${PROJECT_SOURCE_DIR}/cmake/silhouette.symbols")
set(SIL_VERSION_SCRIPT "${PROJECT_BINARY_DIR}/silhouette.map")

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${SIL_SYMBOLS}")
file(STRINGS "${SIL_SYMBOLS}" exported REGEX "^[a-z]")
list(JOIN exported ";\n    " exported)
file(CONFIGURE OUTPUT "${SIL_VERSION_SCRIPT}" @ONLY CONTENT
"SILHOUETTE_@SIL_SONAME@ {
  global:
    @exported@;
  local:
    *;
};
")

get_property(layers GLOBAL PROPERTY SIL_LAYERS)
# Nor is the report on raw rows for programs of others; and the auditor stands alone.
list(REMOVE_ITEM layers sil_cli sil_internal sil_audits)
add_library(silhouette_shared SHARED)
foreach(layer IN LISTS layers)
  target_sources(silhouette_shared PRIVATE "$<TARGET_OBJECTS:${layer}>")
endforeach()
target_link_libraries(
  silhouette_shared PRIVATE PkgConfig::sodium PkgConfig::gmp PkgConfig::mpfr
                            PkgConfig::jansson PkgConfig::msgpack OpenMP::OpenMP_C
                            sil::flags)
target_link_options(silhouette_shared PRIVATE
                    "LINKER:--version-script=${SIL_VERSION_SCRIPT}")
if(NOT SIL_SANITIZE)
  target_link_options(silhouette_shared PRIVATE "LINKER:--no-undefined")
endif()
set_target_properties(
  silhouette_shared
  PROPERTIES OUTPUT_NAME silhouette
             EXPORT_NAME silhouette
             LINKER_LANGUAGE C
             VERSION "${PROJECT_VERSION}"
             SOVERSION "${SIL_SONAME}"
             LINK_DEPENDS "${SIL_VERSION_SCRIPT}")
target_include_directories(silhouette_shared
                           INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

install(TARGETS silhouette_shared EXPORT silhouette_targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS silhouette silhouette-audit RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")

# privacy/ stays at home: a public way to the gate would let callers pass the ledger by.
install(
  FILES include/silhouette/claim.h include/silhouette/ledger.h include/silhouette/model.h
        include/silhouette/progress.h include/silhouette/release.h
        include/silhouette/schema.h
        include/silhouette/simulate.h include/silhouette/status.h
        include/silhouette/version.h
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/silhouette")

# For CMake: find_package(Silhouette), target Silhouette::silhouette.
set(SIL_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/Silhouette")
install(EXPORT silhouette_targets FILE SilhouetteTargets.cmake
        NAMESPACE Silhouette:: DESTINATION "${SIL_CMAKE_DIR}")
configure_package_config_file(
  cmake/SilhouetteConfig.cmake.in "${PROJECT_BINARY_DIR}/SilhouetteConfig.cmake"
  INSTALL_DESTINATION "${SIL_CMAKE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/SilhouetteConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/SilhouetteConfig.cmake"
              "${PROJECT_BINARY_DIR}/SilhouetteConfigVersion.cmake"
        DESTINATION "${SIL_CMAKE_DIR}")

# For pkg-config: silhouette. The prefix is found from where the file lies.
file(RELATIVE_PATH SIL_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/silhouette.pc.in "${PROJECT_BINARY_DIR}/silhouette.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/silhouette.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

set(pages silhouette)
foreach(command audit fit inspect plan refit release report sample simulate synth verify)
  list(APPEND pages silhouette-${command})
endforeach()
foreach(command check draft encode import)
  list(APPEND pages silhouette-schema-${command})
endforeach()
foreach(command new show)
  list(APPEND pages silhouette-key-${command})
endforeach()
foreach(command approve close cosign data disclose grant init log notice prove quickstart
                recover revoke rotate status verify)
  list(APPEND pages silhouette-ledger-${command})
endforeach()
list(TRANSFORM pages PREPEND docs/man/)
list(TRANSFORM pages APPEND .1)
install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES src/cli/completions/silhouette.bash
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME silhouette)
install(FILES src/cli/completions/_silhouette
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
