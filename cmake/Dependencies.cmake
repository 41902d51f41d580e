# SPDX-License-Identifier: Apache-2.0
# Everything here is a Debian 12 package that script/bootstrap installs; docs/architecture.md says why each is used.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
find_library(UNBOUND_LIBRARY unbound REQUIRED)  # its .pc file wants the -dev packages of everything it links
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
if(MAILREEVE_TESTS OR MAILREEVE_FUZZ)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
