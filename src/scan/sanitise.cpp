// SPDX-License-Identifier: Apache-2.0
#include "scan/sanitise.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mail/characters.h"
#include "scan/html.h"
#include "scan/html_builder.h"
#include "scan/inline_picture.h"
#include "scan/links.h"
#include "scan/report.h"
#include "scan/safe_elements.h"
#include "scan/text_lines.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t shown_limit = 200;
constexpr std::size_t title_limit = 500;
constexpr std::size_t alternative_limit = 300;
constexpr std::size_t target_limit = 80;  // as it is shown behind a link
constexpr std::size_t url_limit = 2'000;

struct OpenLink {
  PreviewLink told;
  std::string target;  // what must not be hidden: the host, or the address of a mailto: link
};

std::string scheme_of(std::string_view address) {
  std::string scheme;
  for (const char c : address.substr(0, address.find(':'))) {
    if (static_cast<unsigned char>(c) <= ' ') continue;  // browsers leave them out
    if (!mail::is_alphanumeric(c) && c != '+' && c != '-' && c != '.') return {};
    scheme += mail::to_lower(c);
  }
  constexpr std::size_t longest = 20;
  return address.find(':') == std::string_view::npos || scheme.size() > longest ? std::string{} : scheme;
}

std::string_view without_www(std::string_view host) { return host.starts_with("www.") ? host.substr(4) : host; }

/// The host or address that a word names; empty when it names none.
std::string target_named(std::string_view word) {
  constexpr std::string_view around = "()[]<>{}\"'.,;:!?*_|";
  while (!word.empty() && around.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  while (!word.empty() && around.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  auto host = host_shown(word);
  if (!host.empty()) return host;
  std::uint32_t count = 0;
  const auto urls = find_urls(word, 1, count);
  if (const auto url = urls.empty() ? std::nullopt : parse_url(urls.front())) return url->host;
  const auto at = word.rfind('@');
  const bool is_address = at != std::string_view::npos && at > 0 && word.find('.', at) != std::string_view::npos;
  return is_address ? mail::lower(word) : std::string{};
}

/// Does the text of a link name another place than the one that it leads to?
bool pretends(const OpenLink& link) {
  if (link.target.empty()) return false;
  std::string_view rest{link.told.shown};  // one blank between words
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const auto named = target_named(word);
    if (named.empty()) continue;
    // An address in a link to a page: its domain is what counts.
    const bool both = named.find('@') != std::string::npos && link.target.find('@') == std::string::npos;
    const auto compared = both ? std::string_view{named}.substr(named.rfind('@') + 1) : std::string_view{named};
    if (without_www(compared) != without_www(link.target)) return true;
    // Letters that look like others: the name is the true one, and reads like another.
    const bool is_foreign = link.target.find("xn--") != std::string::npos && std::ranges::any_of(word, mail::is_high);
    if (is_foreign) return true;
  }
  return false;
}

/// Too small to be looked at: it only tells that the mail was read.
bool is_tiny(const HtmlTag& tag) {
  const auto few = [](std::string_view value) {
    return !value.empty() && value.size() <= 3 && value.front() >= '0' && value.front() <= '3' &&
           (value.size() == 1 || value.substr(1) == "px");
  };
  const auto style = ";" + safe_style(tag.value("style"));
  const auto has = [&style](std::string_view one) { return style.find(one) != std::string::npos; };
  return few(tag.value("width")) || few(tag.value("height")) || has(";display:none") || has(";width:0") ||
         has(";width:1px") || has(";height:0") || has(";height:1px");
}

class Sanitiser {
 public:
  Sanitiser(std::string_view html, const SanitiseLimits& limits, const FindPicture& picture)
      : limits_{limits},
        tokens_{html, read_attributes(), limits.picture / 3 * 4 + 200},
        builder_{{limits.html, limits.elements, limits.depth}, [this](std::size_t link) { return link_end(link); }},
        lines_{limits.text},
        pictures_{limits, picture} {}

  SafeHtml run() {
    using Kind = HtmlTokens::Kind;
    for (auto kind = tokens_.next(); kind != Kind::end && !builder_.is_full(); kind = tokens_.next()) {
      if (kind == Kind::text) text(decode_entities(tokens_.text(), EntitiesIn::text));
      if (kind != Kind::tag) continue;
      const auto& tag = tokens_.tag();
      if (tag.name.starts_with('/')) {
        end(std::string_view{tag.name}.substr(1));
      } else {
        start(tag);
      }
    }
    if (has_controls_ && out_.blocked.forms == 0) out_.blocked.forms = 1;
    out_.truncated = builder_.is_full() || lines_.is_cut();
    out_.html = builder_.finish();
    out_.text = lines_.take();
    for (auto& link : links_) {
      if (out_.links.size() < limits_.links && !link.told.url.empty()) out_.links.push_back(std::move(link.told));
    }
    return std::move(out_);
  }

 private:
  void text(std::string_view utf8) {
    // WHATWG 13.2.6.4.7: the first line end in a <pre> is none.
    if (std::exchange(begins_preformatted_, false)) {
      if (utf8.starts_with('\r')) utf8.remove_prefix(1);
      if (utf8.starts_with('\n')) utf8.remove_prefix(1);
    }
    builder_.add_text(utf8);
    lines_.add(utf8, builder_.is_preformatted());
    show_in_link(utf8);
  }

  void show_in_link(std::string_view utf8) {
    const auto open = builder_.open_link();
    if (!open) return;
    auto& shown = links_[*open].told.shown;
    const auto room = shown_limit - std::min(shown_limit, shown.size());
    // White space of any kind, and what nobody sees, must not tell a text from another.
    shown = readable_text(shown + std::string{utf8.substr(0, room)}, shown_limit);
  }

  void start(const HtmlTag& tag) {
    begins_preformatted_ = tag.name == "pre" || tag.name == "listing";
    if (tag.has_event) ++out_.blocked.scripts;
    count_what_it_fetches(tag);
    const std::string_view name = tag.name;
    if (name == "script" || name == "style") {
      leave_out(tag);
    } else if (goes_whole(name)) {
      if (name == "iframe") ++out_.blocked.frames;
      if (name == "select" || name == "textarea") has_controls_ = true;
      tokens_.take_content(tag.name);
    } else if (name == "a" || name == "area") {
      link(tag);
    } else if (name == "img" || name == "image") {
      picture(tag);
    } else if (name == "br") {
      builder_.add_whole("<br>", HtmlBuilder::Flow::line);
      lines_.add("\n", true);
    } else if (name == "hr") {
      builder_.add_whole(fmt::format("<hr{}>", safe_attributes(tag, name)), HtmlBuilder::Flow::block);
      lines_.end_line(true);
    } else {
      other(tag);
    }
  }

  /// An element that is no more than its content; what it does beside that is left out.
  void other(const HtmlTag& tag) {
    const std::string_view name = tag.name;
    if (name == "frame" || name == "embed" || name == "object" || name == "applet") ++out_.blocked.frames;
    if (name == "input" || name == "button") has_controls_ = true;
    if (name == "base" && base_.empty()) base_ = tag.value("href");
    if (name == "meta" && mail::equals_ignoring_case(tag.value("http-equiv"), "refresh")) ++out_.blocked.scripts;
    if (name == "form") {
      ++out_.blocked.forms;
      if (const auto url = parse_url(tag.value("action"), base_)) remember({{"form", url->text, url->host}, {}});
    }
    const auto* element = safe_element(name);
    if (element == nullptr) return;
    builder_.open({element->part, element->name, tag.name, attributes_of(tag, element->name)});
    line_break(*element);
    if (element->part == Part::item) lines_.add("- ");
    if (element->part == Part::cell) lines_.add(" ");
  }

  /// A page's own colours are attributes that no element has within it.
  static std::string attributes_of(const HtmlTag& tag, std::string_view name) {
    if (tag.name != "body") return safe_attributes(tag, name);
    auto page = tag;
    const auto style = fmt::format("background-color:{};{}", tag.value("bgcolor"), tag.value("style"));
    std::erase_if(page.attributes, [](const HtmlAttribute& one) { return one.name == "style"; });
    page.attributes.push_back({"style", style});
    return safe_attributes(page, name);
  }

  void end(std::string_view name) {
    if (name == "br") {
      builder_.add_whole("<br>", HtmlBuilder::Flow::line);
      return;
    }
    if (name == "a") {
      const auto open = builder_.open_link();
      if (open) tell_target(links_[*open]);
    }
    const auto* element = safe_element(name);
    if (element == nullptr) return;
    builder_.close(name);
    line_break(*element);
  }

  void line_break(const SafeElement& element) {
    const bool within = element.part == Part::words || element.part == Part::link || element.part == Part::cell;
    if (!within) lines_.end_line(element.apart);
  }

  void tell_target(const OpenLink& link) {
    constexpr std::size_t longest = 120;
    const auto& url = link.told.url;
    if (!url.empty() && url != link.told.shown) lines_.add(fmt::format(" <{}>", clean_text(url, longest)));
  }

  void leave_out(const HtmlTag& tag) {
    const auto content = tokens_.take_content(tag.name);
    if (tag.name == "script") ++out_.blocked.scripts;
    const auto whole = content ? *content : tokens_.take_rest();
    if (tag.name == "style") out_.blocked.images += count_fetches(whole);
  }

  /// Pictures have their own.
  void count_what_it_fetches(const HtmlTag& tag) {
    out_.blocked.images += count_fetches(tag.value("style"));
    if (picture_source(tag.value("background")) == PictureSource::elsewhere) ++out_.blocked.images;
    constexpr std::string_view fetching[] = {"link", "audio", "video", "source", "track", "input", "bgsound"};
    if (std::ranges::find(fetching, tag.name) == std::end(fetching)) return;
    for (const std::string_view name : {"src", "href", "poster", "srcset"}) {
      if (picture_source(tag.value(name)) == PictureSource::elsewhere) ++out_.blocked.images;
    }
  }

  std::size_t remember(OpenLink link) {
    ++out_.link_count;
    // Those beyond share one that is told nowhere.
    if (links_.size() > limits_.elements) return links_.size() - 1;
    links_.push_back(std::move(link));
    return links_.size() - 1;
  }

  void link(const HtmlTag& tag) {
    builder_.close("a");
    const auto address = tag.value("href");
    const auto first = std::min(address.find_first_not_of(" \t\r\n\f"), address.size());
    const bool leads = first < address.size() && address[first] != '#';
    if (!leads) {
      if (tag.name == "a") builder_.open({Part::words, "span", tag.name, safe_attributes(tag, "span")});
      return;
    }
    OpenLink link;
    auto title = read_target(address, link);
    const auto index = remember(std::move(link));
    if (tag.name == "area") return;
    builder_.open({Part::link, "span", tag.name,
                   fmt::format(" class=\"link\" title=\"{}\"{}", escape_html(clean_text(title, title_limit)),
                               safe_attributes(tag, "span")),
                   index});
  }

  /// What to say of where it leads.
  std::string read_target(std::string_view address, OpenLink& link) {
    if (const auto url = parse_url(address, base_)) {
      link.told.url = url->text;
      link.told.host = url->host;
      link.target = url->host;
      // What stands before "@" is no host, and may be long.
      return url->userinfo.empty() ? url->text : fmt::format("{} by {}", url->host, url->text);
    }
    const auto scheme = scheme_of(address);
    if (scheme == "javascript" || scheme == "vbscript" || scheme == "data") {
      ++out_.blocked.scripts;
      return "an address that would run something";
    }
    if (scheme == "mailto" || scheme == "tel" || scheme == "sms") {
      link.told.url = clean_text(address, url_limit);
      if (scheme == "mailto") {
        const auto mailbox = address.substr(address.find(':') + 1);
        link.target = mail::lower(mailbox.substr(0, mailbox.find('?')));
      }
      return link.told.url;
    }
    return scheme.empty() ? std::string{"an address without a host"} : fmt::format("an address of the kind {}", scheme);
  }

  std::string link_end(std::size_t index) {
    const auto& link = links_[index];
    return pretends(link) ? goes(link.target) : std::string{};
  }

  /// Of a long host the end: that is whose it is.
  static std::string goes(std::string_view target) {
    const bool is_long = target.size() > target_limit;
    if (is_long) target.remove_prefix(target.size() - target_limit);
    return fmt::format("<span class=\"goes\" dir=\"ltr\">[{}{}]</span>", is_long ? "..." : "",
                       escape_html(clean_text(target, target_limit)));
  }

  void picture(const HtmlTag& tag) {
    const auto address = tag.value("src");
    const auto alternative = clean_text(tag.value("alt"), alternative_limit);
    if (const auto own = pictures_.data_address(address); !own.empty()) {
      const auto markup =
          fmt::format("<img src=\"{}\" alt=\"{}\"{}>", own, escape_html(alternative), safe_attributes(tag, "img"));
      builder_.add_whole(markup, HtmlBuilder::Flow::line, own.size());
    } else {
      placeholder(tag, alternative);
    }
    show_in_link(alternative);
    if (!alternative.empty()) lines_.add(fmt::format("[{}]", alternative));
  }

  void placeholder(const HtmlTag& tag, std::string_view alternative) {
    auto url = parse_url(tag.value("src"), base_);
    if (!url) url = parse_url(tag.value("srcset").substr(0, tag.value("srcset").find_first_of(" ,")), base_);
    if (url) ++out_.blocked.images;
    if (is_tiny(tag) || (!url && alternative.empty())) return;
    std::string title;
    std::string host;
    if (url) {
      title = fmt::format(" title=\"{}\"", escape_html(clean_text(url->text, title_limit)));
      host = goes(url->host);
    }
    builder_.add_whole(fmt::format("<span class=\"picture\"{}>{}{}</span>", title, escape_html(alternative), host),
                       HtmlBuilder::Flow::line);
  }

  const SanitiseLimits& limits_;
  HtmlTokens tokens_;
  HtmlBuilder builder_;
  TextLines lines_;
  InlinePictures pictures_;
  std::vector<OpenLink> links_;
  std::string base_;
  bool has_controls_ = false;
  bool begins_preformatted_ = false;
  SafeHtml out_;
};

}  // namespace

std::string escape_html(std::string_view text) {
  constexpr std::size_t replacement = 3;  // octets that an octet may become
  const auto clean = clean_lines(text, text.size() * replacement);
  std::string out;
  out.reserve(clean.size() + clean.size() / 16);
  for (const char c : clean) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '`':
        out += "&#96;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

SafeHtml sanitise(std::string_view html, const SanitiseLimits& limits, const FindPicture& picture) {
  return Sanitiser{html, limits, picture}.run();
}

}  // namespace mailreeve::scan
