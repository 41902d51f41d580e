# SPDX-License-Identifier: Apache-2.0
# Compiler flags, and the tools that make builds fast where they are installed.
find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers carry time stamps and defines that ccache would otherwise refuse.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -fno-omit-frame-pointer -fstack-protector-strong -fPIE)
add_link_options(-pie)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Xclang -fno-pch-timestamp)  # lets ccache share objects that use a precompiled header
endif()
if(MAILREEVE_WERROR)
  add_compile_options(-Werror)
endif()
if(MAILREEVE_SANITIZE)
  add_compile_options(-fsanitize=${MAILREEVE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MAILREEVE_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(MAILREEVE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
