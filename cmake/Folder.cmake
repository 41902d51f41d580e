# SPDX-License-Identifier: Apache-2.0
# One library a folder, one test program a folder. Sources are found, not listed: a file cannot be forgotten.

# mailreeve_folder(NAME [ASIO] LINK lib...): src/NAME/**/*.cpp becomes mailreeve_NAME; *_test.cpp becomes test_NAME.
# ASIO: the folder's sources hold coroutines, so they share the precompiled header that includes Asio.
function(mailreeve_folder name)
  cmake_parse_arguments(arg "ASIO" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(NOT sources)  # a folder of contracts only
    add_library(mailreeve_${name} INTERFACE)
    target_include_directories(mailreeve_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(mailreeve_${name} INTERFACE ${arg_LINK})
    return()
  endif()
  add_library(mailreeve_${name} STATIC ${sources})
  target_include_directories(mailreeve_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(mailreeve_${name} PUBLIC ${arg_LINK})
  mailreeve_precompile(mailreeve_${name} ${arg_ASIO})

  if(tests AND MAILREEVE_TESTS)
    mailreeve_test(test_${name} SOURCES ${tests} LINK mailreeve_${name} $<$<TARGET_EXISTS:mailreeve_testing>:mailreeve_testing>)
    mailreeve_precompile(test_${name} ${arg_ASIO})
  endif()
endfunction()

# The header is compiled once per flavour (plain or with Asio) and reused by every target of that flavour.
function(mailreeve_precompile target asio)
  if(asio)
    if(TARGET mailreeve_pch_asio)
      target_precompile_headers(${target} REUSE_FROM mailreeve_pch_asio)
      target_link_libraries(${target} PRIVATE Boost::headers Threads::Threads)
    endif()
  elseif(TARGET mailreeve_pch)
    target_precompile_headers(${target} REUSE_FROM mailreeve_pch)
  endif()
endfunction()

# mailreeve_test(NAME SOURCES ... LINK ...): a GoogleTest program whose cases run side by side under ctest.
function(mailreeve_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    MAILREEVE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" MAILREEVE_SUITES_DIR="${PROJECT_SOURCE_DIR}/../shared/suites")
  gtest_discover_tests(${name} TEST_PREFIX "${name}." NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
