// SPDX-License-Identifier: Apache-2.0
// Runs the cases of one file in one browser: node run.mjs FILE, with what there is to know in MAILREEVE_PAGES (JSON).
// Cases of one file come one after the other and may build on each other.
import { join } from 'node:path';
import { Visitors } from './visitor.mjs';
import { World } from './world.mjs';

const world = new World(JSON.parse(process.env.MAILREEVE_PAGES));
const file = process.argv[2];
const { cases } = await import(`./${file}.mjs`);
const visitors = new Visitors(world);
let failed = 0;
await visitors.start();
try {
  for (const [name, body] of Object.entries(cases)) {
    if (process.env.MAILREEVE_PAGES_ONLY && !name.includes(process.env.MAILREEVE_PAGES_ONLY)) continue;
    const began = Date.now();
    const wrong = [];
    try {
      await body({ world, visitors, visitor: (options) => visitors.visitor(options), say: (text) => console.log(`     ${text}`) });
    } catch (error) {
      wrong.push(String(error.stack ?? error).replace(/\x1b\[[0-9;]*m/g, ''));
    }
    wrong.push(...visitors.takeFaults());
    let number = 0;
    for (const context of visitors.browser.contexts()) {
      for (const page of wrong.length ? context.pages() : []) {
        await page.screenshot({ path: join(world.pictures, `failed-${file}-${name.replace(/\W+/g, '-')}-${++number}.png`) }).catch(() => undefined);
        wrong.push(`   a page stood at ${page.url()}`);
      }
      await context.close();
    }
    console.log(`${wrong.length ? 'FAIL' : 'ok  '} ${name} ${((Date.now() - began) / 1000).toFixed(1)} s`);
    for (const line of [...new Set(wrong)].slice(0, 40)) console.log(`     ${line}`);
    failed += wrong.length ? 1 : 0;
  }
} finally {
  await visitors.end();
}
process.exitCode = failed ? 1 : 0;
