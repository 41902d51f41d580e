// SPDX-License-Identifier: Apache-2.0
// Every leaf that GMime 3 sees, as a line a message.
#include <gmime/gmime.h>

#include <memory>

#include "differential/parts_line.h"

namespace {

namespace bj = boost::json;
using mailreeve::differential::base64_of;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

void add_name(bj::array& names, const char* name) {
  if (name != nullptr) names.emplace_back(base64_of(name));
}

bj::object leaf_of(GMimePart* part) {
  auto* object = GMIME_OBJECT(part);
  bj::object leaf;
  if (auto* type = g_mime_object_get_content_type(object); type != nullptr) {
    leaf["type"] =
        std::string{g_mime_content_type_get_media_type(type)} + "/" + g_mime_content_type_get_media_subtype(type);
  }
  bj::array names;
  add_name(names, g_mime_part_get_filename(part));
  add_name(names, g_mime_object_get_content_type_parameter(object, "name"));
  add_name(names, g_mime_object_get_content_disposition_parameter(object, "filename"));
  leaf["names"] = std::move(names);
  bj::array readings;
  if (auto* content = g_mime_part_get_content(part); content != nullptr) {
    const Owned<GMimeStream> stream{g_mime_stream_mem_new()};
    g_mime_data_wrapper_write_to_stream(content, stream.get());
    const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    readings.emplace_back(base64_of({reinterpret_cast<const char*>(bytes->data), bytes->len}));
  }
  leaf["readings"] = std::move(readings);
  return leaf;
}

void walk(GMimeObject* object, bj::array& leaves) {
  if (object == nullptr) return;
  if (GMIME_IS_MULTIPART(object) != 0) {
    auto* multipart = GMIME_MULTIPART(object);
    for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) {
      walk(g_mime_multipart_get_part(multipart, i), leaves);
    }
  } else if (GMIME_IS_MESSAGE_PART(object) != 0) {
    auto* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (message != nullptr) walk(g_mime_message_get_mime_part(message), leaves);
  } else if (GMIME_IS_PART(object) != 0) {
    leaves.push_back(leaf_of(GMIME_PART(object)));
  }
}

bj::object parts_of(const std::string& message) {
  const Owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(message.data(), message.size())};
  const Owned<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
  bj::object line;
  bj::array leaves;
  const Owned<GMimeMessage> parsed{g_mime_parser_construct_message(parser.get(), nullptr)};
  if (parsed != nullptr) walk(g_mime_message_get_mime_part(parsed.get()), leaves);
  line["leaves"] = std::move(leaves);
  return line;
}

}  // namespace

int main() {
  g_mime_init();
  const int status = mailreeve::differential::lines_of(parts_of);
  g_mime_shutdown();
  return status;
}
