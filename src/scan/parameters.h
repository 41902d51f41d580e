// SPDX-License-Identifier: Apache-2.0
// "type/subtype; name=value; ..." of Content-Type and Content-Disposition, with every reading of a parameter that some
// mail program takes (RFC 2045 5.1, RFC 2231).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct Parameter {
  std::string name;   // lower case, without the asterisks of RFC 2231
  std::string value;  // quotes and escapes undone; not decoded
  int section = -1;   // of RFC 2231 3 continuations; -1: none
  bool extended = false;
};

struct ParameterList {
  std::string value;  // before the first semicolon, comments and blanks removed, lower case
  std::vector<Parameter> parameters;
  bool odd = false;  // the grammar did not hold
  bool cut = false;  // there was more than is looked at
};

/// Bounded: 64 KiB, 200 parameters.
ParameterList parse_parameters(std::string_view field_value);

/// Every value of `name` that some program would take, in UTF-8, without repetition; what the RFCs prefer first. At
/// most 64.
std::vector<std::string> readings_of(const ParameterList& list, std::string_view name);
/// The same without decoding charsets: for boundaries.
std::vector<std::string> raw_readings_of(const ParameterList& list, std::string_view name);

}  // namespace mailreeve::scan
