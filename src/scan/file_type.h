// SPDX-License-Identifier: Apache-2.0
// What a file is, by its first octets; and what kind of danger its type or name stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

/// A short name such as "exe", "zip", "pdf", "ole", "html"; empty: none of those we know. Looks at the first 64 KiB
/// and, for disk images, a little further.
std::string_view type_of(std::string_view bytes);

/// Every type that some program would take it for: a PDF may begin within its first KiB, a ZIP is found from its end,
/// HTML after anything (reliability.md A16). The first is `type_of`'s, where it has one.
std::vector<std::string_view> types_of(std::string_view bytes);

/// Categories of [checks.attachment] block, by content: "executable", "screensaver", "script", "shortcut",
/// "disk-image", "onenote", "help", "archive"; empty for harmless ones.
std::string_view category_of_type(std::string_view type);
/// By the ending of a name, in any case, trailing dots and blanks ignored as Windows does.
std::string_view category_of_name(std::string_view name);
/// The same, unless the ending says little and what is in it cannot be a program: "Rechnung amazon.com" that is a PDF.
/// Empty `bytes`: nobody knows.
std::string_view category_of_file(std::string_view name, std::string_view bytes);
/// An ending that opens in an editor: a script that is called so runs nowhere.
bool is_text_name(std::string_view name);
/// Every category there is, with what belongs to it, for settings and docs.
struct Category {
  std::string_view name;
  std::string_view meaning;
};
const std::vector<Category>& categories();

/// "report.pdf.exe": an ending that people trust before one that acts. The name as people see it.
bool has_double_extension(std::string_view name);
/// Characters that turn the writing direction or are not seen (U+202E and the like).
bool has_hidden_characters(std::string_view name);
/// Lower case, without the dot; what is left of it after Windows dropped trailing dots, blanks and streams (":x").
std::string extension_of(std::string_view name);

}  // namespace mailreeve::scan
