# SPDX-License-Identifier: Apache-2.0
# The pages under ui/, built once for all presets in build/ui and embedded compressed: mailreeve_pages (web/pages.h).
option(MAILREEVE_UI "Build the web pages (needs node and npm)" ON)

if(MAILREEVE_UI)
  set(ui_build ${PROJECT_SOURCE_DIR}/build/ui)
  set(ui_pages ${ui_build}/pages.cpp)
  file(GLOB_RECURSE ui_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/ui/src/* ${PROJECT_SOURCE_DIR}/ui/public/*)
  list(APPEND ui_sources ${PROJECT_SOURCE_DIR}/ui/index.html ${PROJECT_SOURCE_DIR}/ui/package.json
    ${PROJECT_SOURCE_DIR}/ui/package-lock.json ${PROJECT_SOURCE_DIR}/ui/vite.config.ts ${PROJECT_SOURCE_DIR}/ui/tsconfig.json
    ${PROJECT_SOURCE_DIR}/ui/embed.mjs ${PROJECT_SOURCE_DIR}/script/ui)
  # Another preset may have built the same already: the script then leaves pages.cpp as it is, and nothing is compiled.
  add_custom_command(OUTPUT ${ui_pages}
    COMMAND ${PROJECT_SOURCE_DIR}/script/ui build
    DEPENDS ${ui_sources} COMMENT "Building the web pages" VERBATIM)
else()
  set(ui_pages ${CMAKE_CURRENT_BINARY_DIR}/no_pages.cpp)
  file(CONFIGURE OUTPUT ${ui_pages} CONTENT
    "#include \"web/pages.h\"\nstd::span<const mailreeve::web::Page> mailreeve::web::pages() { return {}; }\n")
endif()

add_library(mailreeve_pages STATIC ${ui_pages})
target_include_directories(mailreeve_pages PUBLIC ${PROJECT_SOURCE_DIR}/src)
