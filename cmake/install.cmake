# The installed package: headers and CMake files, nothing that depends on the machine.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_folder "${CMAKE_INSTALL_DATADIR}/cmake/hposearch")

if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.23)
  install(TARGETS hposearch EXPORT hposearch-targets FILE_SET HEADERS)
else()
  install(TARGETS hposearch EXPORT hposearch-targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/hposearch" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
          FILES_MATCHING PATTERN "*.hpp")
endif()
install(EXPORT hposearch-targets NAMESPACE hposearch:: DESTINATION "${package_folder}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/hposearch-config.cmake.in" "${PROJECT_BINARY_DIR}/hposearch-config.cmake"
  INSTALL_DESTINATION "${package_folder}" NO_SET_AND_CHECK_MACRO)
# Until 1.0 a minor version may change interfaces.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/hposearch-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/hposearch-config.cmake" "${PROJECT_BINARY_DIR}/hposearch-config-version.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake" "${PROJECT_SOURCE_DIR}/cmake/components.cmake"
        DESTINATION "${package_folder}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cmake/components" "${PROJECT_SOURCE_DIR}/cmake/modules" DESTINATION "${package_folder}"
        FILES_MATCHING PATTERN "*.cmake")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
