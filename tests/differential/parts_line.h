// SPDX-License-Identifier: Apache-2.0
// What one reader sees of one message, as a line of JSON. Octets (contents, names) are in base64, since they need be no
// text. differential_test.py reads these lines.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

namespace mailreeve::differential {

inline std::string base64_of(std::string_view octets) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      three = three << 8 | (at + i < octets.size() ? static_cast<unsigned char>(octets[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i > octets.size() ? '=' : letters[three >> (18 - 6 * i) & 63];
    }
  }
  return out;
}

inline std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Paths come on standard input, one a line; `read` makes an object of each message.
template <class Read>
int lines_of(Read read) {
  std::ios::sync_with_stdio(false);
  for (std::string path; std::getline(std::cin, path);) {
    boost::json::object line = read(read_file(path));
    line["path"] = path;
    std::cout << boost::json::serialize(line) << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace mailreeve::differential
