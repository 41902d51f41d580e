// SPDX-License-Identifier: Apache-2.0
// node embed.mjs DIST OUTPUT: every file of DIST, compressed, as the C++ source of web/pages.h.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [dist, output] = process.argv.slice(2);
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png' };
const files = [];
const walk = (folder) => {
  for (const entry of readdirSync(join(dist, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) walk(path);
    else files.push(path);
  }
};
walk('');
files.sort();

const line = 120;
const literal = (bytes) => {
  const lines = [];
  for (let at = 0; at < bytes.length; at += line) {
    // Three digits each: a digit that follows would else be taken for the escape's.
    lines.push('"' + [...bytes.subarray(at, at + line)].map((octet) => '\\' + octet.toString(8).padStart(3, '0')).join('') + '"');
  }
  return lines.join('\n');
};

let source = '// Made by ui/embed.mjs from the pages under ui/.\n#include "web/pages.h"\n\nnamespace mailreeve::web {\nnamespace {\n\nusing namespace std::string_view_literals;\n\nconstexpr Page all[] = {\n';
for (const path of files) {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: of what type is it? See types in ui/embed.mjs.`);
  const bytes = readFileSync(join(dist, path));
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 24);
  const compressed = gzipSync(bytes, { level: 9 });
  compressed[9] = 255; // the system it was made on: not the same bytes everywhere
  source += `{"${path}"sv, "${type}"sv,\n${literal(compressed)}sv,\n"\\"${etag}\\""sv, ${bytes.length}, ${path.startsWith('/assets/')}},\n`;
}
source += '};\n\n}  // namespace\n\nstd::span<const Page> pages() { return all; }\n\n}  // namespace mailreeve::web\n';
writeFileSync(`${output}.new`, source);
renameSync(`${output}.new`, output);
