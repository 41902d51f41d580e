// SPDX-License-Identifier: Apache-2.0
#include "smtp/server_replies.h"

namespace mailreeve::smtp::replies {

Reply greeting(std::string_view host) { return {220, "", fmt::format("{} ESMTP Mailreeve", host)}; }
Reply hello(std::string_view host) { return {250, "", host}; }

Reply extensions(const ServerOptions& options, bool tls) {
  Reply reply{250, "", options.host_name};
  const auto& limits = options.limits;
  reply.lines.insert(reply.lines.end(), {"PIPELINING", fmt::format("SIZE {}", limits.message_size), "8BITMIME",
                                         "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "DSN"});
  if (options.offer_starttls && !tls) reply.lines.emplace_back("STARTTLS");
  reply.lines.push_back(fmt::format("LIMITS MAILMAX={} RCPTMAX={}", limits.transactions, limits.recipients));
  reply.lines.emplace_back("HELP");
  return reply;
}

Reply ok() { return {250, "2.0.0", "Ok"}; }
Reply octets_received(std::uint64_t octets) { return {250, "2.0.0", fmt::format("{} octets received", octets)}; }
Reply help() { return {214, "2.0.0", "RFC 5321 is spoken here; write to postmaster for help"}; }
Reply goodbye(std::string_view host) { return {221, "2.0.0", fmt::format("{} says goodbye", host)}; }
Reply ready_for_tls() { return {220, "2.0.0", "Ready for TLS"}; }
Reply cannot_verify() { return {252, "2.5.0", "Cannot say; send mail and see"}; }
Reply syntax(std::string_view expected) { return {501, "5.5.2", fmt::format("Syntax: {}", expected)}; }
Reply bad_octets() { return {501, "5.5.2", "Command holds NUL or octets that are not ASCII"}; }
Reply bad_parameter(std::string_view expected) { return {501, "5.5.4", fmt::format("Bad parameter: {}", expected)}; }
Reply unknown_parameter() { return {555, "5.5.4", "Parameter not known or not offered"}; }
Reply no_arguments() { return {501, "5.5.4", "This command takes no arguments"}; }
Reply bad_address(std::string_view enhanced) { return {553, enhanced, "Bad address syntax"}; }
Reply smtputf8_needed() { return {553, "5.6.7", "Address is not ASCII, but MAIL did not say SMTPUTF8"}; }
Reply unknown_command() { return {500, "5.5.1", "Unknown command"}; }
Reply empty_command() { return {500, "5.5.2", "Empty command"}; }
Reply line_too_long() { return {500, "5.5.2", "Line too long"}; }
Reply not_implemented() { return {502, "5.5.1", "Command not offered here"}; }
Reply bad_sequence(std::string_view why) { return {503, "5.5.1", why}; }
Reply no_valid_recipients() { return {554, "5.5.1", "No valid recipients"}; }
Reply bare_line_end() { return {550, "5.5.2", "Lines end in CRLF: bare CR, bare LF and NUL are refused"}; }
Reply not_smtp() { return {554, "5.5.1", "This is SMTP"}; }
Reply data_too_early() { return {554, "5.5.0", "Data came before it was asked for"}; }
Reply misbehaved(std::string_view host, std::string_view why) {
  return {421, "4.7.0", fmt::format("{} closes: {}", host, why)};
}

}  // namespace mailreeve::smtp::replies
