// SPDX-License-Identifier: Apache-2.0
#include "smtp/reply.h"

namespace mailreeve::smtp {
namespace {

constexpr std::size_t line_limit = 512;  // octets with CRLF, RFC 5321 4.5.3.1.5

/// Replies may quote what a peer or an inner server said; outside SMTPUTF8 they are printable ASCII (RFC 5321 4.2).
void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) out += (c >= 0x20 && c < 0x7f) || c == '\t' ? c : '?';
}

}  // namespace

std::string Reply::text() const {
  std::string text = std::to_string(code);
  if (!enhanced.empty()) text += " " + enhanced;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += i == 0 ? " " : " / ";
    append_printable(text, lines[i]);
  }
  return text;
}

std::string Reply::wire() const {
  std::string out;
  const std::size_t count = std::max<std::size_t>(lines.size(), 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t start = out.size();
    out += std::to_string(code);
    out += i + 1 < count ? '-' : ' ';
    if (!enhanced.empty()) {
      out += enhanced;
      out += ' ';
    }
    if (i < lines.size()) append_printable(out, lines[i]);
    if (out.size() - start > line_limit - 2) out.resize(start + line_limit - 2);
    out += "\r\n";
  }
  return out;
}

namespace replies {

Reply accepted(std::string_view id) { return {250, "2.0.0", fmt::format("Accepted as {}", id)}; }
Reply sender_ok() { return {250, "2.1.0", "Sender ok"}; }
Reply recipient_ok() { return {250, "2.1.5", "Recipient ok"}; }
Reply unknown_recipient() { return {550, "5.1.1", "No such recipient here"}; }
Reply relay_denied() { return {550, "5.7.1", "We do not relay to this domain"}; }
Reply source_route_refused() { return {550, "5.7.1", "Source routes are not followed here"}; }
Reply too_many_recipients() { return {452, "4.5.3", "Too many recipients: send the rest in another transaction"}; }
Reply local_trouble() { return {451, "4.3.0", "Trouble on our side, please try again later"}; }
Reply storage_full() { return {452, "4.3.1", "No room for this message now, please try again later"}; }
Reply directory_unavailable() { return {451, "4.4.3", "Recipients cannot be looked up now, please try again later"}; }
Reply routing_loop() { return {554, "5.4.6", "This message runs in a loop"}; }
Reply too_big() { return {552, "5.3.4", "Message is larger than the limit told by SIZE"}; }
Reply shutting_down(std::string_view host) { return {421, "4.3.2", fmt::format("{} is shutting down", host)}; }
Reply too_many_connections(std::string_view host) {
  return {421, "4.7.0", fmt::format("{} has too many connections, please try again later", host)};
}
Reply timed_out(std::string_view host) { return {421, "4.4.2", fmt::format("{} waited too long, closing", host)}; }
Reply tls_required() { return {530, "5.7.0", "Say STARTTLS first"}; }

}  // namespace replies
}  // namespace mailreeve::smtp
