// SPDX-License-Identifier: Apache-2.0
#include "gateway/digest_page.h"

#include <fmt/format.h>

#include "scan/report.h"
#include "scan/sanitise.h"

namespace mailreeve::gateway {
namespace {

constexpr std::size_t most_from = 100;  // characters
constexpr std::size_t most_subject = 160;
constexpr std::string_view nobody = "(no sender)";
constexpr std::string_view no_subject = "(no subject)";

constexpr std::string_view font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
constexpr std::string_view normal = "font-size:14px;line-height:20px;color:#1f2a37";
constexpr std::string_view small = "font-size:13px;line-height:18px;color:#5b6675";

std::string or_else(std::string text, std::string_view otherwise) {
  return text.empty() ? std::string{otherwise} : std::move(text);
}

std::string from_of(const DigestItem& item) { return or_else(shown_line(item.from, most_from), nobody); }
std::string subject_of(const DigestItem& item) { return or_else(shown_line(item.subject, most_subject), no_subject); }

std::string messages(std::size_t count) {
  return count == 1 ? std::string{"1 message"} : fmt::format("{} messages", count);
}

std::string introduction(const DigestContent& content) {
  return fmt::format(
      "{} for {} {} kept back by {}. Nothing of it is delivered unless you release it; after {} it is "
      "deleted.",
      messages(content.count()), content.address, content.count() == 1 ? "is" : "are", content.host, content.keep);
}

constexpr std::string_view held_title = "Held back";
constexpr std::string_view held_note = "Their senders do not know.";
constexpr std::string_view refused_title = "Refused";
constexpr std::string_view refused_note = "Their senders were told. You can ask for a copy to be released.";

void add_text(std::string& out, std::string_view title, std::string_view note, const std::vector<DigestItem>& items) {
  if (items.empty()) return;
  out += fmt::format("\n{}\n{}\n{}\n", title, std::string(title.size(), '-'), note);
  for (const auto& item : items) {
    out += fmt::format("\nFrom:    {}\nSubject: {}\n{}; {}\n", from_of(item), subject_of(item), item.when, item.why);
    for (const auto& link : item.links) out += fmt::format("  {}: {}\n", link.label, link.url);
  }
}

std::string text_of(const DigestContent& content) {
  auto out = introduction(content) + '\n';
  add_text(out, held_title, held_note, content.held);
  add_text(out, refused_title, refused_note, content.refused);
  out += '\n';
  if (content.more > 0) out += fmt::format("... and {} more.\n", content.more);
  if (!content.page.empty()) {
    out += fmt::format("All of it, and how often you get this mail: {}\n", content.page);
    out += "Links ask before they do anything. Do not forward this mail: whoever has a link can use it.\n";
  }
  out += fmt::format("Questions: {}\n", content.contact);
  return out;
}

std::string button(const DigestLink& link, bool first) {
  const auto* const look = first ? "background:#1d5fd1;color:#ffffff;border:1px solid #1d5fd1"
                                 : "background:#ffffff;color:#1f2a37;border:1px solid #c3cad4";
  return fmt::format(
      "<a href=\"{}\" style=\"display:inline-block;margin:0 8px 6px 0;padding:6px "
      "12px;border-radius:6px;font-size:13px;"
      "line-height:18px;text-decoration:none;{}\">{}</a>",
      scan::escape_html(link.url), look, scan::escape_html(link.label));
}

void add_html(std::string& out, std::string_view title, std::string_view note, const std::vector<DigestItem>& items) {
  if (items.empty()) return;
  out += fmt::format(
      "<h2 style=\"margin:24px 0 2px;font-size:16px;line-height:22px;color:#1f2a37\">{}</h2>"
      "<p style=\"margin:0 0 8px;{}\">{}</p>\n",
      title, small, note);
  for (const auto& item : items) {
    out += fmt::format(
        "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
        "style=\"border-collapse:separate;"
        "border:1px solid #dde2e9;border-radius:8px;margin:0 0 10px;table-layout:fixed\"><tr><td "
        "style=\"padding:12px 14px 8px;word-wrap:break-word;overflow-wrap:anywhere\">"
        "<div dir=\"auto\" style=\"font-size:15px;line-height:20px;font-weight:600;color:#1f2a37\"><bdi>{}</bdi></div>"
        "<div dir=\"auto\" style=\"font-size:14px;line-height:20px;color:#1f2a37\"><bdi>{}</bdi></div>"
        "<div style=\"margin:2px 0 10px;font-size:13px;line-height:18px;color:#5b6675\">{} &middot; {}</div>",
        scan::escape_html(from_of(item)), scan::escape_html(subject_of(item)), scan::escape_html(item.when),
        scan::escape_html(item.why));
    for (std::size_t i = 0; i < item.links.size(); ++i) out += button(item.links[i], i == 0);
    out += "</td></tr></table>\n";
  }
}

/// A page of mail: a title, then `inner`, then whom to ask.
std::string page(std::string_view title, const std::string& inner, const std::string& contact) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light\"><title>{0}</title></head>\n"
      "<body style=\"margin:0;padding:0;background:#f3f5f8\"><table role=\"presentation\" width=\"100%\" "
      "cellpadding=\"0\" cellspacing=\"0\" style=\"background:#f3f5f8\"><tr><td align=\"center\" "
      "style=\"padding:20px 10px\">\n"
      "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:640px;"
      "background:#ffffff;border-radius:10px\"><tr><td style=\"padding:24px 22px;text-align:left;{1}\">\n"
      "<h1 style=\"margin:0 0 8px;font-size:20px;line-height:26px;color:#1f2a37\">{0}</h1>\n{2}"
      "<p style=\"margin:12px 0 0;{3}\">{4}</p>\n"
      "</td></tr></table>\n</td></tr></table></body></html>\n",
      scan::escape_html(title), font, inner, small,
      contact.empty() ? std::string{} : "Questions: " + scan::escape_html(contact));
}

std::string html_of(const DigestContent& content, std::string_view title) {
  auto inner = fmt::format("<p style=\"margin:0;{}\">{}</p>\n", normal, scan::escape_html(introduction(content)));
  add_html(inner, held_title, held_note, content.held);
  add_html(inner, refused_title, refused_note, content.refused);
  if (content.more > 0) {
    inner += fmt::format("<p style=\"margin:12px 0;{}\">&hellip; and {} more.</p>\n", normal, content.more);
  }
  if (!content.page.empty()) {
    inner += fmt::format("<p style=\"margin:20px 0 0\">{}</p>\n", button({"Open my quarantine", content.page}, true));
    inner += fmt::format(
        "<p style=\"margin:12px 0 0;{}\">Links ask before they do anything. Do not forward this mail: whoever has a "
        "link can use it. How often it comes can be set in your quarantine.</p>\n",
        small);
  }
  return page(title, inner, content.contact);
}

}  // namespace

std::string shown_line(std::string_view text, std::size_t most) {
  const auto clean = scan::readable_text(text, 4 * most + 4);
  std::string out;
  std::size_t characters = 0;
  for (const char c : clean) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    if (begins && characters++ == most) return out + "…";
    if (c != ' ' || !out.empty()) out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

DigestMail render(const DigestContent& content) {
  DigestMail mail;
  mail.subject = fmt::format("{} kept back for you", messages(content.count()));
  mail.text = text_of(content);
  mail.html = html_of(content, mail.subject);
  return mail;
}

DigestMail render_sign_in(const std::string& host, const std::string& link, const std::string& contact) {
  DigestMail mail;
  mail.subject = "Sign in to your quarantine";
  mail.text = fmt::format(
      "Somebody, hopefully you, wants to see the mail that {} keeps back for you.\n\nSign in: {}\n\nThe link works "
      "once "
      "and for a short time. If it was not you, do nothing.\n\nQuestions: {}\n",
      host, link, contact);
  const auto inner = fmt::format(
      "<p style=\"margin:0;{}\">Somebody, hopefully you, wants to see the mail that {} keeps back for you.</p>\n"
      "<p style=\"margin:16px 0\">{}</p>\n<p style=\"margin:0;{}\">The link works once and for a short time. If it "
      "was not you, do nothing.</p>\n",
      normal, scan::escape_html(host), button({"Sign in", link}, true), small);
  mail.html = page(mail.subject, inner, contact);
  return mail;
}

DigestMail render_requests(const std::string& host, std::uint64_t count, const std::string& page_url) {
  DigestMail mail;
  mail.subject = count == 1 ? "Somebody asks for held mail" : fmt::format("{} requests for held mail", count);
  const auto what = fmt::format("At {} {} of held mail {} for a reviewer or admin to decide.", host,
                                count == 1 ? "one request for release" : fmt::format("{} requests for release", count),
                                count == 1 ? "waits" : "wait");
  mail.text = what + "\n\nmailreeve quarantine list --state asked\n";
  auto inner = fmt::format("<p style=\"margin:0;{}\">{}</p>\n", normal, scan::escape_html(what));
  if (!page_url.empty()) {
    mail.text += page_url + '\n';
    inner += fmt::format("<p style=\"margin:16px 0\">{}</p>\n", button({"Open the quarantine", page_url}, true));
  }
  mail.html = page(mail.subject, inner, {});
  return mail;
}

}  // namespace mailreeve::gateway
