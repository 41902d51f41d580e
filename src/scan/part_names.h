// SPDX-License-Identifier: Apache-2.0
// What a part's file is called, where Content-Disposition and Content-Type leave that open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

/// Is the same done with a file, whichever of its names is taken? What is still encoded is nobody's choice.
bool are_alike(const std::vector<std::string>& names);

/// "a.exe" of a Content-Location "http://x.example/dir/a.exe?b": what a program may save it as. None or one.
std::vector<std::string> name_in_location(std::string_view value);

/// What pages are made of: these go by their locations among each other.
bool is_page_part(std::string_view type);

}  // namespace mailreeve::scan
