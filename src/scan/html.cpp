// SPDX-License-Identifier: Apache-2.0
#include "scan/html.h"

#include <algorithm>
#include <optional>

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t attribute_limit = 100;
constexpr std::size_t value_limit = 8U << 10;
constexpr std::size_t shown_limit = 200;
constexpr std::size_t data_url_limit = 4U << 10;  // a longer one is a file

struct Entity {
  std::string_view name, utf8;
};
constexpr Entity entities[] = {
    {"amp", "&"},
    {"lt", "<"},
    {"gt", ">"},
    {"quot", "\""},
    {"apos", "'"},
    {"nbsp", " "},
    {"colon", ":"},
    {"sol", "/"},
    {"period", "."},
    {"commat", "@"},
    {"num", "#"},
    {"quest", "?"},
    {"equals", "="},
    {"lpar", "("},
    {"rpar", ")"},
    {"Tab", "\t"},
    {"NewLine", "\n"},
    {"shy", "\xc2\xad"},
    {"zwj", "\xe2\x80\x8d"},
    {"zwnj", "\xe2\x80\x8c"},
    {"copy", "\xc2\xa9"},
    {"reg", "\xc2\xae"},
    {"auml", "\xc3\xa4"},
    {"ouml", "\xc3\xb6"},
    {"uuml", "\xc3\xbc"},
    {"Auml", "\xc3\x84"},
    {"Ouml", "\xc3\x96"},
    {"Uuml", "\xc3\x9c"},
    {"szlig", "\xc3\x9f"},
    {"eacute", "\xc3\xa9"},
    {"egrave", "\xc3\xa8"},
    {"agrave", "\xc3\xa0"},
    {"ccedil", "\xc3\xa7"},
    {"ntilde", "\xc3\xb1"},
    {"euro", "\xe2\x82\xac"},
    {"ndash", "\xe2\x80\x93"},
    {"mdash", "\xe2\x80\x94"},
    {"hellip", "\xe2\x80\xa6"},
    {"bsol", "\\"},
    {"lowbar", "_"},
};

void append_utf8(std::string& out, unsigned long code) {
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

struct Attribute {
  std::string name, value;
};

struct Tag {
  std::string name;  // lower case, "/a" for an end
  std::vector<Attribute> attributes;
  std::string_view value(std::string_view wanted) const {
    for (const auto& attribute : attributes) {
      if (attribute.name == wanted) return attribute.value;
    }
    return {};
  }
};

bool contains(std::string_view text, std::string_view lower) {
  const auto found = std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                                 [](char a, char b) { return mail::to_lower(a) == b; });
  return found != text.end();
}

class Reader {
 public:
  Reader(std::string_view html, std::size_t most, std::size_t links) : html_{html}, most_{most}, links_{links} {}

  HtmlLook run() {
    while (at_ < html_.size()) {
      const auto next = html_.find('<', at_);
      add_text(html_.substr(at_, next - at_));
      if (next == std::string_view::npos) break;
      at_ = next + 1;
      markup();
    }
    close_anchor();
    while (look_.text.ends_with(' ')) look_.text.pop_back();
    return std::move(look_);
  }

 private:
  void markup() {
    const auto rest = html_.substr(at_);
    if (rest.starts_with("!--")) {
      // WHATWG 13.2.5.43: "<!-->" and "<!--->" are whole comments.
      if (rest.starts_with("!-->") || rest.starts_with("!--->")) {
        at_ = html_.find('>', at_) + 1;
        return;
      }
      const auto end = html_.find("-->", at_ + 3);
      at_ = end == std::string_view::npos ? html_.size() : end + 3;
      return;
    }
    const bool is_name = !rest.empty() && (mail::is_alphanumeric(rest.front()) || rest.front() == '/');
    if (!is_name) {
      if (!rest.empty() && (rest.front() == '!' || rest.front() == '?')) {
        const auto end = html_.find('>', at_);
        at_ = end == std::string_view::npos ? html_.size() : end + 1;
      } else {
        add_text("<");
      }
      return;
    }
    handle(read_tag());
  }

  Tag read_tag() {
    Tag tag;
    if (html_[at_] == '/') tag.name = html_[at_++];
    while (at_ < html_.size() && !is_blank(html_[at_]) && html_[at_] != '>' && html_[at_] != '/') {
      if (tag.name.size() < 40) tag.name += mail::to_lower(html_[at_]);
      ++at_;
    }
    while (at_ < html_.size()) {
      while (at_ < html_.size() && (is_blank(html_[at_]) || html_[at_] == '/')) ++at_;
      if (at_ >= html_.size()) break;
      if (html_[at_] == '>') {
        ++at_;
        break;
      }
      read_attribute(tag);
    }
    return tag;
  }

  void read_attribute(Tag& tag) {
    Attribute attribute;
    while (at_ < html_.size() && !is_blank(html_[at_]) && html_[at_] != '=' && html_[at_] != '>' && html_[at_] != '/') {
      if (attribute.name.size() < 60) attribute.name += mail::to_lower(html_[at_]);
      ++at_;
    }
    auto behind = at_;
    while (behind < html_.size() && is_blank(html_[behind])) ++behind;
    if (behind < html_.size() && html_[behind] == '=') {
      at_ = behind + 1;
      while (at_ < html_.size() && is_blank(html_[at_])) ++at_;
      attribute.value = read_value();
    } else if (attribute.name.empty()) {
      ++at_;  // something odd: never stand still
    }
    if (tag.attributes.size() < attribute_limit) tag.attributes.push_back(std::move(attribute));
  }

  std::string read_value() {
    if (at_ >= html_.size()) return {};
    const char quote = html_[at_];
    std::size_t end = 0;
    auto start = at_;
    if (quote == '"' || quote == '\'') {
      start = at_ + 1;
      end = std::min(html_.find(quote, start), html_.size());
      at_ = std::min(end + 1, html_.size());
    } else {
      end = std::min(html_.find_first_of(" \t\r\n\f>", start), html_.size());
      at_ = end;
    }
    long_value_ = end - start > data_url_limit;
    return decode_entities(html_.substr(start, std::min(end - start, value_limit)));
  }

  void handle(const Tag& tag) {
    for (const auto& attribute : tag.attributes) {
      if (attribute.name.size() > 2 && attribute.name.starts_with("on")) look_.script = true;
    }
    if (tag.name == "script" || tag.name == "style") {
      const auto end = end_of(tag.name);
      const auto content = html_.substr(at_, end - at_);
      if (tag.name == "script") script(content, tag);
      at_ = end;
      return;
    }
    if (tag.name == "a" || tag.name == "area") {
      close_anchor();
      const auto href = tag.value("href");
      if (!href.empty()) open_.emplace(add_link(Link::Kind::anchor, href));
      if (!tag.value("download").empty() && href.starts_with("data:")) look_.smuggling = true;
    } else if (tag.name == "/a") {
      close_anchor();
    } else if (tag.name == "base") {
      if (look_.base.empty()) look_.base = tag.value("href");
      if (!look_.base.empty()) add_link(Link::Kind::base, look_.base);
    } else if (tag.name == "form") {
      look_.form = true;
      add_link(Link::Kind::form, tag.value("action"));
    } else if (tag.name == "input" || tag.name == "button") {
      if (mail::equals_ignoring_case(tag.value("type"), "password")) look_.password = true;
      add_link(Link::Kind::form, tag.value("formaction"));
    } else if (tag.name == "img" || tag.name == "image") {
      add_link(Link::Kind::image, tag.value("src"));
      const auto alternative = tag.value("alt");
      if (open_ && !alternative.empty()) shown_ += std::string{alternative.substr(0, shown_limit)};
    } else if (tag.name == "iframe" || tag.name == "frame" || tag.name == "embed" || tag.name == "object") {
      look_.frame = true;
      add_link(Link::Kind::other, tag.value(tag.name == "object" ? "data" : "src"));
      if (!tag.value("srcdoc").empty()) look_.script = look_.script || contains(tag.value("srcdoc"), "<script");
    } else if (tag.name == "meta") {
      meta(tag);
    } else if (tag.name == "link") {
      add_link(Link::Kind::other, tag.value("href"));
    }
    if (tag.name == "br" || tag.name == "p" || tag.name == "div" || tag.name == "td" || tag.name == "/td" ||
        tag.name == "tr" || tag.name == "/p" || tag.name == "/div" || tag.name == "li" || tag.name == "/title" ||
        tag.name == "/h1") {
      add_text(" ");
    }
  }

  void meta(const Tag& tag) {
    if (!mail::equals_ignoring_case(tag.value("http-equiv"), "refresh")) return;
    const auto content = tag.value("content");
    const auto lower = mail::lower(content);
    const auto url = lower.find("url");
    if (url == std::string::npos) return;
    auto target = content.substr(url + 3);
    while (!target.empty() &&
           (is_blank(target.front()) || target.front() == '=' || target.front() == '\'' || target.front() == '"')) {
      target.remove_prefix(1);
    }
    while (target.ends_with('\'') || target.ends_with('"')) target.remove_suffix(1);
    add_link(Link::Kind::refresh, target);
  }

  void script(std::string_view content, const Tag& tag) {
    look_.script = true;
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

  std::size_t end_of(std::string_view name) const {
    for (auto at = html_.find("</", at_); at != std::string_view::npos; at = html_.find("</", at + 2)) {
      if (mail::equals_ignoring_case(html_.substr(at + 2, name.size()), name)) return at;
    }
    return html_.size();
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
    const auto decoded = plain ? std::string{} : decode_entities(raw);
    for (const char c : plain ? raw : std::string_view{decoded}) {
      const bool blank = is_blank(c);
      if (look_.text.size() < most_ && !(blank && (look_.text.empty() || look_.text.ends_with(' '))))
        look_.text += blank ? ' ' : c;
      if (open_ && shown_.size() < shown_limit && !(blank && (shown_.empty() || shown_.ends_with(' '))))
        shown_ += blank ? ' ' : c;
    }
  }

  std::string_view html_;
  std::size_t most_;
  std::size_t links_;
  std::size_t at_ = 0;
  HtmlLook look_;
  std::optional<std::optional<std::size_t>> open_;  // an anchor under way
  std::string shown_;
  bool long_value_ = false;
};

}  // namespace

std::string decode_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto at = text.find('&');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    if (text.starts_with('#')) {
      const bool hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
      std::size_t end = hex ? 2 : 1;
      unsigned long code = 0;
      const auto start = end;
      while (end < text.size()) {
        const char c = mail::to_lower(text[end]);
        const int digit = mail::is_digit(c) ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) break;
        if (code < 0x200000) code = code * (hex ? 16 : 10) + static_cast<unsigned long>(digit);
        ++end;
      }
      if (end == start) {
        out += '&';
        continue;
      }
      append_utf8(out, code);
      if (end < text.size() && text[end] == ';') ++end;
      text.remove_prefix(end);
      continue;
    }
    const auto* found =
        std::ranges::find_if(entities, [&](const auto& entity) { return text.starts_with(entity.name); });
    if (found == std::end(entities)) {
      out += '&';
      continue;
    }
    out += found->utf8;
    text.remove_prefix(found->name.size());
    if (text.starts_with(';')) text.remove_prefix(1);
  }
  return out;
}

HtmlLook read_html(std::string_view html, std::size_t most, std::size_t links) {
  return Reader{html, most, links}.run();
}

}  // namespace mailreeve::scan
