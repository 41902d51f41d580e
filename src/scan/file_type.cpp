// SPDX-License-Identifier: Apache-2.0
#include "scan/file_type.h"

#include <algorithm>
#include <array>

#include "mail/characters.h"
#include "scan/charset.h"
#include "scan/cms.h"

namespace mailreeve::scan {
namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::string_view type;
  std::string_view bytes;
  std::size_t offset = 0;
};

// The longest and surest first. Offsets beyond the start as the formats have them.
constexpr Signature signatures[] = {
    {"7z", "7z\xbc\xaf\x27\x1c"sv},
    {"rar", "Rar!\x1a\x07"sv},
    {"ole", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv},
    {"onenote", "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"sv},
    {"onenote", "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f"sv},
    {"lnk", "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv},
    {"chm", "ITSF\x03\0\0\0"sv},
    {"pdf", "%PDF-"sv},
    {"rtf", "{\\rt"sv},
    {"zip", "PK\x03\x04"sv},
    {"zip", "PK\x05\x06"sv},
    {"zip", "PK\x07\x08"sv},
    {"elf",
     "\x7f"
     "ELF"sv},
    {"macho", "\xfe\xed\xfa\xce"sv},
    {"macho", "\xfe\xed\xfa\xcf"sv},
    {"macho", "\xce\xfa\xed\xfe"sv},
    {"macho", "\xcf\xfa\xed\xfe"sv},
    {"java", "\xca\xfe\xba\xbe"sv},
    {"dex", "dex\n0"sv},
    {"wasm", "\0asm"sv},
    {"luac", "\x1bLua"sv},
    {"cab", "MSCF\0\0\0\0"sv},
    {"installshield", "ISc("sv},
    {"gz", "\x1f\x8b\x08"sv},
    {"compress", "\x1f\x9d"sv},
    {"bz2", "BZh"sv},
    {"xz",
     "\xfd"
     "7zXZ\0"sv},
    {"zst", "\x28\xb5\x2f\xfd"sv},
    {"lz4", "\x04\x22\x4d\x18"sv},
    {"lzip", "LZIP"sv},
    {"xar", "xar!"sv},
    {"ar", "!<arch>\n"sv},
    {"rpm", "\xed\xab\xee\xdb"sv},
    {"arj", "\x60\xea"sv},
    {"ace", "**ACE**"sv, 7},
    {"lha", "-lh"sv, 2},
    {"cpio", "07070"sv},
    {"tar", "ustar"sv, 257},
    {"wim", "MSWIM\0\0\0"sv},
    {"vhdx", "vhdxfile"sv},
    {"vhd", "conectix"sv},
    {"vmdk", "KDMV"sv},
    {"vmdk", "# Disk DescriptorFile"sv},
    {"qcow", "QFI\xfb"sv},
    {"vdi", "<<< "sv},
    {"squashfs", "hsqs"sv},
    {"iso", "CD001"sv, 32'769},
    {"iso", "CD001"sv, 34'817},
    {"iso", "BEA01"sv, 32'769},
    {"hfs", "H+\0\x04"sv, 1024},
    {"tnef", "\x78\x9f\x3e\x22"sv},
    {"sqlite", "SQLite format 3\0"sv},
    {"access", "\0\x01\0\0Standard "sv},
    {"png", "\x89PNG\r\n\x1a\n"sv},
    {"gif", "GIF8"sv},
    {"jpeg", "\xff\xd8\xff"sv},
    {"webp", "WEBP"sv, 8},
    {"tiff", "II*\0"sv},
    {"tiff", "MM\0*"sv},
    {"bmp", "BM"sv},
    {"wmf", "\xd7\xcd\xc6\x9a"sv},
    {"emf", " EMF"sv, 40},
    {"swf", "FWS"sv},
    {"swf", "CWS"sv},
    {"swf", "ZWS"sv},
    {"mp3", "ID3"sv},
    {"mp4", "ftyp"sv, 4},
    {"ogg", "OggS"sv},
    {"riff", "RIFF"sv},
    {"script", "#!"sv},
    {"ps", "%!PS"sv},
    {"pgp", "-----BEGIN PGP"sv},
    {"regfile", "Windows Registry Editor"sv},
    {"regfile", "REGEDIT4"sv},
    {"url", "[InternetShortcut]"sv},
    {"settingcontent", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PCSettings"sv},
};

struct Typed {
  std::string_view type, category;
};
constexpr Typed type_categories[] = {
    {"exe", "executable"},
    {"elf", "executable"},
    {"macho", "executable"},
    {"java", "executable"},
    {"dex", "executable"},
    {"wasm", "executable"},
    {"luac", "executable"},
    {"swf", "executable"},
    {"rpm", "executable"},
    {"xar", "executable"},
    {"installshield", "executable"},
    {"msi", "executable"},
    {"script", "script"},
    {"regfile", "script"},
    {"settingcontent", "script"},
    {"hta", "script"},
    {"wsf", "script"},
    {"lnk", "shortcut"},
    {"url", "shortcut"},
    {"iso", "disk-image"},
    {"vhd", "disk-image"},
    {"vhdx", "disk-image"},
    {"vmdk", "disk-image"},
    {"vdi", "disk-image"},
    {"qcow", "disk-image"},
    {"wim", "disk-image"},
    {"hfs", "disk-image"},
    {"dmg", "disk-image"},
    {"squashfs", "disk-image"},
    {"onenote", "onenote"},
    {"chm", "help"},
    {"access", "database"},
    {"ace", "archive"},
};

struct Named {
  std::string_view category;
  std::string_view endings;  // blanks between
};
// What Windows, macOS and their programs run or mount when it is opened by its name.
constexpr Named name_categories[] = {
    {"executable",
     " exe com pif cpl dll sys drv ocx msi msp mst msix msixbundle appx appxbundle appinstaller application gadget jar "
     "jnlp class apk ipa xap air app command workflow action pkg mpkg deb rpm run elf out xll wll ppam ax "},
    {"screensaver", " scr "},
    {"script",
     " js jse vbs vbe wsf wsh wsc sct ws hta bat cmd btm ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 msh msh1 msh2 "
     "mshxml "
     "reg inf ins isp msc msu py pyc pyo pyw pyz pyzw rb pl sh bash csh ksh zsh php php3 php4 php5 phtml asp aspx "
     "vb vba vbscript jsx applescript scpt scptd osx ahk au3 a3x scf theme themepack xbap xsl prg cnt grp job "
     "settingcontent-ms library-ms search-ms searchconnector-ms wcx website diagcab mde mda mdb accda accdb accde adp "
     "ade "},
    {"shortcut", " lnk url desktop webloc inetloc fileloc rdp rdpx iqy oqy dqy rqy slk "},
    {"disk-image", " iso img vhd vhdx vmdk vdi dmg udf nrg mdf cue ccd wim esd toast sparseimage sparsebundle "},
    {"onenote", " one onepkg onetoc2 "},
    {"help", " chm hlp "},
    {"macro", " docm dotm xlsm xltm xlam xlsb pptm potm ppsm sldm "},
    {"html", " htm html xhtml shtml mht mhtml xht svg svgz "},
    {"archive",
     " zip zipx 7z rar ace arj lha lzh cab gz tgz bz2 tbz tbz2 xz txz zst tzst lz lz4 z tar cpio uue uu xxe jar war "
     "alz egg "
     "daa r00 001 "},
};

// Endings that programs have and much else, too: domains, reports, firmware.
constexpr std::string_view shared_endings = " com out run command ";
/// What no system runs, whatever it is called.
constexpr std::string_view harmless_types =
    " pdf png gif jpeg webp tiff html xml svg rtf pgp cms ps zip 7z rar gz mp3 mp4 ogg ";
/// Opened in an editor, whatever their first line says.
constexpr std::string_view text_endings =
    " txt text log md rst patch diff csv tsv asc conf cfg json yml yaml toml xml tex c h cc cpp hpp java in me ";

constexpr std::string_view trusted_endings =
    " pdf doc docx xls xlsx ppt pptx txt rtf jpg jpeg png gif bmp tif tiff mp3 mp4 avi mov wav zip csv xml html htm "
    "eml msg odt ods ";

bool contains_word(std::string_view list, std::string_view word) {
  if (word.empty() || word.find(' ') != std::string_view::npos) return false;
  for (auto at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    if (list[at - 1] == ' ' && list[at + word.size()] == ' ') return true;
  }
  return false;
}

/// "MZ" and where it points to "PE", "NE", "LE"; or a DOS program (nothing else begins so).
bool is_dos_program(std::string_view bytes) {
  if (!bytes.starts_with("MZ") && !bytes.starts_with("ZM")) return false;
  return bytes.size() >= 64 || bytes.size() < 3;
}

std::string_view skip_blank(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const auto start = text.find_first_not_of(" \t\r\n\f\0"sv);
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

/// Sentences, not machine code: no control characters, and US-ASCII prevails where it is no UTF-8. The test file
/// of virus scanners is a program in printable characters.
bool is_plain_text(std::string_view bytes) {
  if (bytes.empty() || bytes.starts_with("X5O!P%@AP")) return false;
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return true;
  bytes = bytes.substr(0, 64U << 10);
  std::size_t high = 0;
  for (const char c : bytes) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x80) ++high;
    const bool is_control = octet < ' ' || octet == 0x7f;
    if (is_control && "\t\r\n\f\x1b"sv.find(c) == std::string_view::npos) return false;
  }
  return high * 2 <= bytes.size() || to_utf8(bytes, "utf-8", 2 * bytes.size()).faithful;
}

bool starts_like(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && mail::equals_ignoring_case(text.substr(0, lower.size()), lower);
}

/// Text formats that a browser or a script host would run, told by how they begin (WHATWG MIME Sniffing 7.1).
std::string_view markup_type(std::string_view bytes) {
  auto text = skip_blank(bytes.substr(0, 4096));
  for (int i = 0; i < 20 && text.starts_with("<!--"); ++i) {
    const auto end = text.find("-->");
    if (end == std::string_view::npos) return "html";
    text = skip_blank(text.substr(end + 3));
  }
  if (starts_like(text, "<?xml")) {
    const auto end = text.find('>');
    const auto inside = end == std::string_view::npos ? std::string_view{} : skip_blank(text.substr(end + 1));
    if (starts_like(inside, "<svg") || inside.find("<svg") != std::string_view::npos) return "svg";
    if (starts_like(inside, "<job") || starts_like(inside, "<package") || starts_like(inside, "<component"))
      return "wsf";
    if (starts_like(inside, "<pcsettings")) return "settingcontent";
    if (starts_like(inside, "<html") || starts_like(inside, "<!doctype html")) return "html";
    return "xml";
  }
  if (starts_like(text, "<svg")) return "svg";
  if (starts_like(text, "<hta:application")) return "hta";
  if (starts_like(text, "<job") || starts_like(text, "<package>")) return "wsf";
  for (const auto tag :
       {"<!doctype html"sv, "<html"sv, "<head"sv, "<script"sv, "<iframe"sv, "<body"sv, "<title"sv, "<meta"sv,
        "<table"sv, "<style"sv, "<form"sv, "<div"sv, "<a "sv, "<p>"sv, "<br"sv, "<h1"sv, "<font"sv, "<img"sv}) {
    if (starts_like(text, tag)) return "html";
  }
  return {};
}

/// U+FF01 to U+FF5E as US-ASCII, U+2024 and U+FE52 as full stops.
std::string with_narrow_letters(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto third = text.size() > 2 ? static_cast<unsigned char>(text[2]) : 0U;
    std::size_t size = 3;
    if (text.starts_with("\xef\xbc") && third >= 0x81 && third <= 0xbf) {
      out += static_cast<char>(third - 0x60);
    } else if (text.starts_with("\xef\xbd") && third >= 0x80 && third <= 0x9e) {
      out += static_cast<char>(third - 0x20);
    } else if (text.starts_with("\xe2\x80\xa4") || text.starts_with("\xef\xb9\x92")) {
      out += '.';
    } else {
      out += text.front();
      size = 1;
    }
    text.remove_prefix(size);
  }
  return out;
}

/// The end of central directory, as ZIP programs look for it: from the end, a comment of at most 64 KiB behind it.
bool ends_like_zip(std::string_view bytes) {
  constexpr std::size_t record = 22;
  constexpr std::size_t comment = 65'535;
  if (bytes.size() < record) return false;
  const auto tail = bytes.substr(bytes.size() > record + comment ? bytes.size() - record - comment : 0);
  return tail.rfind("PK\x05\x06"sv) != std::string_view::npos;
}

}  // namespace

std::string_view type_of(std::string_view bytes) {
  if (is_dos_program(bytes)) return "exe";
  for (const auto& signature : signatures) {
    if (bytes.size() < signature.offset + signature.bytes.size()) continue;
    if (bytes.substr(signature.offset, signature.bytes.size()) == signature.bytes) return signature.type;
  }
  constexpr std::size_t dmg_trailer = 512;
  if (bytes.size() >= dmg_trailer && bytes.substr(bytes.size() - dmg_trailer, 4) == "koly") return "dmg";
  if (bytes.size() >= dmg_trailer && bytes.substr(bytes.size() - dmg_trailer, 8) == "conectix") return "vhd";
  if (cms_kind(bytes) != CmsKind::none) return "cms";
  return markup_type(bytes);
}

std::vector<std::string_view> types_of(std::string_view bytes) {
  std::vector<std::string_view> types;
  const auto add = [&](std::string_view type) {
    if (!type.empty() && std::ranges::find(types, type) == types.end()) types.push_back(type);
  };
  add(type_of(bytes));
  if (ends_like_zip(bytes)) add("zip");
  if (bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos) add("pdf");
  const auto head = bytes.substr(0, 512U << 10);
  if (head.find("Rar!\x1a\x07"sv) != std::string_view::npos) add("rar");
  return types;
}

std::string_view category_of_type(std::string_view type) {
  for (const auto& typed : type_categories) {
    if (typed.type == type) return typed.category;
  }
  return {};
}

std::string extension_of(std::string_view given) {
  // Programs that go through an 8-bit charset make these a full stop and letters.
  const auto folded = with_narrow_letters(given);
  std::string_view name{folded};
  // A NUL ends a name for programs in C; what is behind a colon is a stream of NTFS.
  if (const auto end = name.find('\0'); end != std::string_view::npos) name = name.substr(0, end);
  if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (const auto stream = name.find(':'); stream != std::string_view::npos && stream > 1) name = name.substr(0, stream);
  while (!name.empty() && (name.back() == '.' || name.back() == ' ' || name.back() == '\t' || name.back() == '"'))
    name.remove_suffix(1);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  return mail::lower(name.substr(dot + 1, 40));
}

std::string_view category_of_name(std::string_view name) {
  const auto extension = extension_of(name);
  for (const auto& named : name_categories) {
    if (contains_word(named.endings, extension)) return named.category;
  }
  return {};
}

std::string_view category_of_file(std::string_view name, std::string_view bytes) {
  const auto category = category_of_name(name);
  if (category.empty() || bytes.empty() || !contains_word(shared_endings, extension_of(name))) return category;
  const auto type = type_of(bytes);
  if (!type.empty()) return contains_word(harmless_types, type) ? std::string_view{} : category;
  return is_plain_text(bytes) ? std::string_view{} : category;
}

bool is_text_name(std::string_view name) { return contains_word(text_endings, extension_of(name)); }

const std::vector<Category>& categories() {
  static const std::vector<Category> all{
      {"executable", "programs, installers, libraries, Java, browser plug-ins"},
      {"screensaver", "Windows screen savers, which are programs"},
      {"script", "scripts, registry files, consoles, databases with code"},
      {"shortcut", "links to programs and places: .lnk, .url, .desktop, .webloc, .rdp, and queries: .iqy, .slk"},
      {"disk-image", "images that are mounted when opened: ISO, IMG, VHD, DMG"},
      {"onenote", "OneNote notebooks, which can hold any file"},
      {"help", "compiled help, which can run code"},
      {"macro", "Office documents with macros, or made to hold them"},
      {"html", "HTML and SVG files, which a browser opens with their scripts"},
      {"archive", "archives of every kind, whatever is in them"},
      {"encrypted", "archives and documents that nobody can look into without a password"},
  };
  return all;
}

bool has_double_extension(std::string_view name) {
  const auto category = category_of_name(name);
  if (category.empty() || category == "archive" || category == "html" || category == "macro") return false;
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.remove_suffix(1);
  const auto dot = name.rfind('.');
  auto before = name.substr(0, dot);
  while (before.ends_with(' ')) before.remove_suffix(1);
  return contains_word(trusted_endings, extension_of(before));
}

bool has_hidden_characters(std::string_view name) {
  // U+200B to U+200F, U+202A to U+202E, U+2066 to U+2069, U+FEFF, U+00AD.
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const auto a = static_cast<unsigned char>(name[i]);
    const auto b = static_cast<unsigned char>(name[i + 1]);
    const auto c = i + 2 < name.size() ? static_cast<unsigned char>(name[i + 2]) : 0;
    if (a == 0xe2 && b == 0x80 && ((c >= 0x8b && c <= 0x8f) || (c >= 0xaa && c <= 0xae))) return true;
    if (a == 0xe2 && b == 0x81 && c >= 0xa6 && c <= 0xa9) return true;
    if (a == 0xef && b == 0xbb && c == 0xbf) return true;
    if (a == 0xc2 && b == 0xad) return true;
  }
  return false;
}

}  // namespace mailreeve::scan
