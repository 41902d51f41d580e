// SPDX-License-Identifier: Apache-2.0
#include "cli/scan_preview.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/cell_scanner.h"
#include "cli/dns_options.h"
#include "cli/message_files.h"
#include "mail/body.h"

namespace mailreeve::cli {
namespace {

void print_attachment(std::ostream& out, const scan::Item& item) {
  std::string marks;
  for (const auto& category : item.categories) marks += " " + category;
  if (item.encrypted) marks += " encrypted";
  out << fmt::format("  {:<12} {:>9}  {:<10} {}{}\n", shown(item.place.substr(0, item.place.find('!'))), item.size,
                     item.type.empty() ? "?" : shown(item.type),
                     item.names.empty() ? shown(item.declared) : shown(item.names.front()), shown(marks));
}

void print_text(std::ostream& out, const scan::Preview& preview) {
  for (const auto& field : preview.headers) out << fmt::format("{:<9} {}\n", field.name + ":", shown(field.value));
  const auto& blocked = preview.blocked;
  out << fmt::format("Blocked:  {} pictures from elsewhere, {} scripts, {} forms, {} frames\n", blocked.images,
                     blocked.scripts, blocked.forms, blocked.frames);
  out << fmt::format("Links:    {}\n", preview.link_count);
  for (const auto& link : preview.links) out << fmt::format("  {:<30} {}\n", shown(link.host), shown(link.shown));
  if (!preview.attachments.empty()) out << "Files:\n";
  for (const auto& item : preview.attachments) print_attachment(out, item);
  if (preview.truncated) out << "(there is more than is shown)\n";
  out << '\n' << preview.text << '\n';
}

}  // namespace

int run_preview(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  CellScanner scanner;
  int status = exit_ok;
  const auto failed = [&](const Error& error) { status = give_up(err, error); };
  const auto tell = [&](const std::string&, std::string_view message, bool) {
    const auto preview = scanner.preview(mail::MemoryBody{std::string{message}});
    if (!preview) {
      failed(preview.error());
    } else if (arguments.has("--html")) {
      out << scan::preview_page(*preview);
    } else {
      print_text(out, *preview);
    }
  };
  const auto remark = [&](const std::string& text) { err << "mailreeve: " << shown(text) << '\n'; };
  for_each_message(arguments.values("FILE"), tell, failed, remark);
  return status;
}

}  // namespace mailreeve::cli
