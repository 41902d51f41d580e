// SPDX-License-Identifier: Apache-2.0
#include "scan/html.h"

#include <algorithm>
#include <optional>

#include "mail/characters.h"
#include "scan/html_tokens.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t value_limit = 8U << 10;
constexpr std::size_t shown_limit = 200;
constexpr std::size_t data_url_limit = 4U << 10;  // a longer one is a file

// Attributes that are looked at, beside event handlers.
constexpr std::string_view wanted[] = {"href",       "xlink:href", "src",        "action", "formaction",
                                       "data",       "srcdoc",     "type",       "alt",    "content",
                                       "http-equiv", "download",   "background", "style",  "srcset"};

bool contains(std::string_view text, std::string_view lower) {
  const auto found = std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                                 [](char a, char b) { return mail::to_lower(a) == b; });
  return found != text.end();
}

class Reader {
 public:
  Reader(std::string_view html, std::size_t most, std::size_t links)
      : tokens_{html, wanted, value_limit}, most_{most}, links_{links} {}

  HtmlLook run() {
    using Kind = HtmlTokens::Kind;
    for (auto kind = tokens_.next(); kind != Kind::end; kind = tokens_.next()) {
      if (kind == Kind::text) add_text(tokens_.text());
      if (kind == Kind::comment) comment(tokens_.text());
      if (kind == Kind::tag) handle(tokens_.tag());
    }
    close_anchor();
    while (look_.text.ends_with(' ')) look_.text.pop_back();
    return std::move(look_);
  }

 private:
  /// Outlook shows what stands in "<!--[if mso]>...<![endif]-->", others do not.
  void comment(std::string_view content) {
    if (content.starts_with("[if")) look_within(content.substr(std::min(content.find('>'), content.size())));
  }

  /// What another document in this one holds: its links and what it would run, not its text.
  void look_within(std::string_view html) {
    if (is_inner_) return;
    Reader inner{html, 0, links_ - look_.links.size()};
    inner.is_inner_ = true;
    auto look = inner.run();
    look_.links.insert(look_.links.end(), look.links.begin(), look.links.end());
    look_.link_count += look.link_count;
    look_.script = look_.script || look.script;
    look_.amp = look_.amp || look.amp;
    look_.smuggling = look_.smuggling || look.smuggling;
    look_.password = look_.password || look.password;
    look_.form = look_.form || look.form;
  }

  void handle(const HtmlTag& tag) {
    if (tag.has_event) look_.script = true;
    long_value_ = tag.longest > data_url_limit;
    if (tag.name == "script") {
      const auto content = tokens_.take_content(tag.name);
      script(content ? *content : tokens_.take_rest(), tag);
      return;
    }
    if (is_raw(tag.name)) {
      if (tag.name == "iframe") frame(tag);
      raw_text(tag.name);
      return;
    }
    if (tag.name == "a" || tag.name == "area") {
      close_anchor();
      // In SVG it has another name.
      const auto href = tag.has("href") ? tag.value("href") : tag.value("xlink:href");
      if (!href.empty()) open_.emplace(add_link(Link::Kind::anchor, href));
      if (tag.has("download") && href.starts_with("data:")) look_.smuggling = true;
    } else if (tag.name == "/a") {
      close_anchor();
    } else if (tag.name == "base") {
      if (!look_.base.empty()) return;
      look_.base = tag.value("href");
      add_link(Link::Kind::base, look_.base);
    } else if (tag.name == "form") {
      look_.form = true;
      add_link(Link::Kind::form, tag.value("action"));
    } else if (tag.name == "input" || tag.name == "button") {
      if (mail::equals_ignoring_case(tag.value("type"), "password")) look_.password = true;
      add_link(Link::Kind::form, tag.value("formaction"));
    } else if (tag.name == "img" || tag.name == "image") {
      add_link(Link::Kind::image, tag.has("src") ? tag.value("src") : tag.value("xlink:href"));
      const auto alternative = tag.value("alt");
      if (open_ && !alternative.empty()) shown_ += std::string{alternative.substr(0, shown_limit)};
    } else if (tag.name == "frame" || tag.name == "embed" || tag.name == "object") {
      frame(tag);
    } else if (tag.name == "meta") {
      meta(tag);
    } else if (tag.name == "link") {
      add_link(Link::Kind::other, tag.value("href"));
    } else if (tag.name.starts_with("v:")) {
      add_link(Link::Kind::anchor, tag.value("href"));  // VML: Outlook's buttons
    }
    pictures(tag);
    if (tag.name == "br" || tag.name == "p" || tag.name == "div" || tag.name == "td" || tag.name == "/td" ||
        tag.name == "tr" || tag.name == "/p" || tag.name == "/div" || tag.name == "li" || tag.name == "/title" ||
        tag.name == "/h1") {
      add_text(" ");
    }
  }

  /// Other places that fetch a picture, or tell somebody that the mail is read.
  void pictures(const HtmlTag& tag) {
    add_link(Link::Kind::image, tag.value("background"));
    style(tag.value("style"));
    auto set = tag.value("srcset");
    while (!set.empty()) {
      const auto end = std::min(set.find(','), set.size());
      auto one = set.substr(0, end);
      set.remove_prefix(std::min(end + 1, set.size()));
      one.remove_prefix(std::min(one.find_first_not_of(" \t\r\n\f"), one.size()));
      add_link(Link::Kind::image, one.substr(0, one.find_first_of(" \t\r\n\f")));
    }
  }

  /// url(...) of CSS, with or without quotes.
  void style(std::string_view css) {
    constexpr std::string_view function = "url(";
    for (auto at = css.find(function); at != std::string_view::npos; at = css.find(function)) {
      css.remove_prefix(at + function.size());
      css.remove_prefix(std::min(css.find_first_not_of(" \t\r\n\f'\""), css.size()));
      add_link(Link::Kind::image, css.substr(0, css.find_first_of(" \t\r\n\f'\")")));
    }
  }

  /// Elements within which nothing is markup, a comment least of all.
  static bool is_raw(std::string_view name) {
    constexpr std::string_view names[] = {"style", "title", "textarea", "xmp", "noembed", "noframes", "iframe"};
    return std::ranges::find(names, name) != std::end(names);
  }

  void raw_text(const std::string& name) {
    const auto content = tokens_.take_content(name);
    if (!content) return;  // it has no end, so it is read like anything else: better too much than too little
    if (name == "title" || name == "textarea") add_text(*content);
    if (name == "style") style(*content);
    look_within(*content);  // in SVG, and for programs that know no frames, it is markup
  }

  void frame(const HtmlTag& tag) {
    look_.frame = true;
    add_link(Link::Kind::other, tag.value(tag.name == "object" ? "data" : "src"));
    if (tag.name == "iframe") look_within(tag.value("srcdoc"));
  }

  void meta(const HtmlTag& tag) {
    if (!mail::equals_ignoring_case(tag.value("http-equiv"), "refresh")) return;
    const auto content = tag.value("content");
    // WHATWG 4.2.5.3: a time, a separator, then "url=" or the address at once.
    auto target = content.substr(std::min(content.find_first_not_of(" \t\r\n\f0123456789."), content.size()));
    const auto skip = [&target](std::string_view some) {
      target.remove_prefix(std::min(target.find_first_not_of(some), target.size()));
    };
    skip(" \t\r\n\f;,");
    if (mail::equals_ignoring_case(target.substr(0, 3), "url")) {
      const auto behind = target.substr(3);
      const auto sign = behind.find_first_not_of(" \t\r\n\f");
      if (sign != std::string_view::npos && behind[sign] == '=') target = behind.substr(sign + 1);
    }
    skip(" \t\r\n\f'\"");
    while (target.ends_with('\'') || target.ends_with('"')) target.remove_suffix(1);
    add_link(Link::Kind::refresh, target);
  }

  /// What the element holds is no script to a browser (WHATWG 4.12.1): data for search engines, and templates.
  static bool is_data(const HtmlTag& tag) {
    auto type = tag.value("type");
    type = type.substr(0, type.find(';'));
    type.remove_prefix(std::min(type.find_first_not_of(" \t\r\n\f"), type.size()));
    type = type.substr(0, type.find_last_not_of(" \t\r\n\f") + 1);
    constexpr std::string_view types[] = {"application/ld+json", "application/json", "text/plain"};
    return std::ranges::any_of(types, [type](std::string_view one) { return mail::equals_ignoring_case(type, one); });
  }

  void script(std::string_view content, const HtmlTag& tag) {
    if (is_data(tag)) return;
    constexpr std::string_view amp = "https://cdn.ampproject.org/";
    const bool is_amp = tag.value("src").starts_with(amp) && content.find_first_not_of(" \t\r\n") == content.npos;
    (is_amp ? look_.amp : look_.script) = true;
    add_link(Link::Kind::other, tag.value("src"));
    const bool makes = contains(content, "new blob") || contains(content, "createobjecturl") ||
                       contains(content, "mssaveoropenblob") || contains(content, "atob(");
    const bool saves = contains(content, ".download") || contains(content, "mssaveoropenblob") ||
                       contains(content, "createobjecturl") || contains(content, "location") ||
                       contains(content, ".click(");
    if (makes && saves) look_.smuggling = true;
    constexpr std::size_t blob = 20'000;
    if (content.size() > blob && contains(content, "atob(")) look_.smuggling = true;
  }

  /// Its place in the list, if it found one.
  std::optional<std::size_t> add_link(Link::Kind kind, std::string_view url) {
    while (!url.empty() && static_cast<unsigned char>(url.front()) <= ' ') url.remove_prefix(1);
    if (url.empty() || url.front() == '#') return std::nullopt;
    std::string scheme;  // browsers leave line ends and tabs out
    for (const char c : url.substr(0, 40)) {
      if (static_cast<unsigned char>(c) > ' ') scheme += mail::to_lower(c);
    }
    if (scheme.starts_with("javascript:") || scheme.starts_with("vbscript:")) {
      look_.script = true;
      return std::nullopt;
    }
    if (scheme.starts_with("data:")) {
      const bool acts = !scheme.starts_with("data:image/") && !scheme.starts_with("data:font/");
      if (acts && (long_value_ || kind != Link::Kind::image)) look_.smuggling = true;
      return std::nullopt;
    }
    if (scheme.starts_with("cid:") || scheme.starts_with("mailto:") || scheme.starts_with("tel:") ||
        scheme.starts_with("about:")) {
      return std::nullopt;
    }
    ++look_.link_count;
    if (look_.links.size() >= links_) return std::nullopt;
    look_.links.push_back({kind, std::string{url}, {}});
    return look_.links.size() - 1;
  }

  void close_anchor() {
    if (open_ && *open_) {
      while (shown_.ends_with(' ')) shown_.pop_back();
      look_.links[**open_].shown = std::move(shown_);
    }
    open_.reset();
    shown_.clear();
  }

  void add_text(std::string_view raw) {
    if (raw.empty()) return;
    const bool plain = raw.find('&') == std::string_view::npos;
    const auto decoded = plain ? std::string{} : decode_entities(raw, EntitiesIn::text);
    for (const char c : plain ? raw : std::string_view{decoded}) {
      const bool blank = is_html_blank(c);
      if (look_.text.size() < most_ && !(blank && (look_.text.empty() || look_.text.ends_with(' '))))
        look_.text += blank ? ' ' : c;
      if (open_ && shown_.size() < shown_limit && !(blank && (shown_.empty() || shown_.ends_with(' '))))
        shown_ += blank ? ' ' : c;
    }
  }

  HtmlTokens tokens_;
  std::size_t most_;
  std::size_t links_;
  HtmlLook look_;
  std::optional<std::optional<std::size_t>> open_;  // an anchor under way
  std::string shown_;
  bool long_value_ = false;
  bool is_inner_ = false;
};

}  // namespace

HtmlLook read_html(std::string_view html, std::size_t most, std::size_t links) {
  return Reader{html, most, links}.run();
}

}  // namespace mailreeve::scan
