// SPDX-License-Identifier: Apache-2.0
// Mail that attacks whoever looks at it, in every field that mail controls, shown on every page that shows mail.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './world.mjs';

const run = 'window.__xss=1';
const image = `<img src=x onerror=${run}>`;
const script = `<script>${run};alert(1)</script>`;
const breakout = `"'>${image}</title></textarea></script>`;
const encoded = (text) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

/** The attacks by HTML that the sanitiser's tests know. */
function htmlAttacks(world) {
  const source = readFileSync(join(world.root, 'tests', 'support', 'html_attacks.h'), 'utf8');
  const list = source.slice(source.indexOf('attacks = {') + 11, source.indexOf('\n  };'));
  const found = [];
  const unescape = (text) => text.replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (_, what) => (what[0] === 'x' ? String.fromCharCode(parseInt(what.slice(1), 16)) : { n: '\n', t: '\t', r: '\r', 0: '\0' }[what] ?? what));
  const literal = /"((?:[^"\\]|\\.)*)"s?(\s*,)?|\/\/.*/g;
  let piece = '';
  for (const [, text, end] of list.matchAll(literal)) {
    if (text === undefined) continue;
    piece += unescape(text);
    if (end) {
      found.push(piece.replaceAll('alert(1)', `(${run},alert(1))`));
      piece = '';
    }
  }
  return found;
}

/** Everything that can be unfolded on the page that is open. */
async function everything(person) {
  const { page } = person;
  for (const folded = page.locator('details:not([open]) > summary'); await folded.count(); ) await folded.first().click();
  // Hovering shows titles, and moves what waits for a pointer.
  for (const outside of (await page.locator('.outside').all()).slice(0, 3)) await outside.hover({ timeout: 500 }).catch(() => undefined);
  await person.unharmed(page.url());
}

async function content(person, ways = ['Formatted', 'Text', 'Headers', 'Attachments', 'Links']) {
  const { page } = person;
  for (const name of ways) {
    const way = page.locator('.preview .segments label').filter({ hasText: name });
    if (!(await way.count())) continue;
    await way.click();
    if (name === 'Headers') {
      await page.locator('.preview').getByLabel('As it came').check();
      await person.unharmed('raw header');
      await page.locator('.preview').getByLabel('As it came').uncheck();
    }
    if (name === 'Formatted') {
      const frame = await (await page.locator('iframe.preview-frame').elementHandle()).contentFrame();
      await frame.waitForLoadState();
      assert.equal(await page.locator('iframe.preview-frame').getAttribute('sandbox'), '', 'the frame may do nothing');
    }
    await person.unharmed(name);
  }
}

const attackers = [];

export const cases = {
  'whatever would run is noticed': async ({ visitor, visitors }) => {
    const alice = await visitor();
    await alice.page.setContent(`${image}${script}<img src="http://tracker.example/p.gif">`);
    await until(() => alice.page.evaluate(() => window.__xss), 'the attack runs where nobody stops it');
    await alice.unharmed('a page of nobody');
    const faults = visitors.takeFaults().join('\n');
    for (const fault of [/a script of the mail ran/, /a dialog: 1/, /a request to http:\/\/tracker\.example/]) assert.match(faults, fault);
  },

  'mail with attacks in every field comes in': async ({ world, visitor, say }) => {
    await world.addUser('alice', 'admin');
    const fields = {
      author: `"${script.replaceAll('"', '')}" <info@good.example>`,
      shown: `"${image}" <anna@example.org>`,
      subject: `GREAT OFFER ${image}`,
      id: `<"${image}"@good.example>`,
      text: `${script}\n${breakout}\njavascript:${run}`,
      headers: [`X-${image.replace(/[\s:]/g, '/')}: ${script}`, `Reply-To: "${image}" <x@evil.example>`, `X-Mailer: ${breakout}`, `List-Unsubscribe: <javascript:${run}>`, `Received: from ${image} (${script}) by x; Fri, 20 Nov 2026 10:00:00 +0000`],
      html: `<h1>${script}</h1><a href="javascript:${run}">http://www.bank.example/${breakout}</a><a href='http://evil.example/"${image}'>${image}</a><a href="data:text/html,${script}">x</a><img src="http://tracker.example/p.gif"><style>@import "http://tracker.example/c.css";</style><meta http-equiv=refresh content="0;url=http://tracker.example/"><body onload="${run}">`,
      files: [
        { name: `${image.replaceAll('"', '')}.exe`, content: 'MZ\0\0' },
        { header: `Content-Type: ${script.replaceAll(/[<>;()]/g, '')}; name="${breakout.replaceAll('"', '\\"')}"\r\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(`${script}\u202Egpj.exe`)}`, content: 'x' },
        { name: 'page.html', type: 'text/html', content: `<html><body onload="${run}">${script}` },
        { name: 'picture.svg', type: 'image/svg+xml', content: `<svg xmlns="http://www.w3.org/2000/svg" onload="${run}">${script}</svg>` },
      ],
      helo: 'pwned.evil.example', client: '198.51.100.66',
    };
    const sender = `"${image.replaceAll(/[\s]/g, '/')}"@evil.example`;
    await world.sendFine({ ...fields, sender });
    await world.sendFine({ ...fields, sender, subject: encoded(`GREAT OFFER ${breakout}`), author: `${encoded(script)} <info@good.example>`, shown: `${encoded(image)} <anna@example.org>` });
    await world.sendFine({ ...fields, subject: `GREAT OFFER {{constructor.constructor('${run}')()}} \${${run}} \u202E\u2066 %s`, sender: `info+${'x'.repeat(40)}@evil.example` });
    // What is told in replies, refused, put off, or cannot be read.
    assert.match(await world.send({ ...fields, sender, subject: `AWFUL ${image}` }), /^550/);
    assert.match(await world.send({ ...fields, sender: 'info@good.example', files: [], html: '', text: 'x', headers: [], subject: `PERHAPS ${image}`, client: '198.51.100.10' }), /^451/);
    await world.send({ ...fields, sender, to: [`"${image}"@example.org`] });
    await world.send({ ...fields, helo: image });
    await world.send({ ...fields, helo: `[${image}]` });
    await world.send({ ...fields, helo: 'x'.repeat(200) });
    await world.send({ ...fields, sender: image });
    await world.sendFine({ ...fields, sender, to: ['somebody@away.example'], subject: 'waits' });
    // A recipient who is called so.
    await world.sendFine({ ...fields, sender, to: ['anna@example.org', `"${image.replaceAll(' ', '/')}"@example.org`] });
    // Every attack that the sanitiser's tests know, in HTML mail, several in one message and each in a subject.
    const attacks = htmlAttacks(world);
    assert.ok(attacks.length > 180, `${attacks.length} attacks`);
    for (let at = 0; at < attacks.length; at += 24) {
      await world.sendFine({ subject: `GREAT OFFER html ${at} ${encoded(attacks[at].slice(0, 60).replace(/[\r\n\0]/g, ' '))}`, html: attacks.slice(at, at + 24).map((one) => `<div>${one}</div>`).join('\n'), author: `${encoded(attacks[at + 1]?.slice(0, 40).replace(/[\r\n\0]/g, ' ') ?? image)} <info@good.example>` });
      attackers.push(`html ${at} `);
    }
    say(`${attacks.length} attacks by HTML`);
    const alice = await visitor({ as: 'alice' });
    await until(async () => (await alice.api('GET', '/queue/destinations')).body.destinations.some((one) => one.last_reply.includes('onerror')), 'what the internal server says holds an attack too');
  },

  'no list shows more than text': async ({ visitor }) => {
    const alice = await visitor({ as: 'alice' });
    for (const path of ['/', '/?range=24h', '/messages', '/messages?verdict=reject', '/messages?verdict=greylist', '/quarantine', '/quarantine?view=refused', '/quarantine?view=all', '/waiting', '/queue', '/settings', '/settings?tab=toml', '/audit', '/doctor',
      `/messages?text=${encodeURIComponent(image)}`, `/quarantine?text=${encodeURIComponent(breakout)}&sender=${encodeURIComponent(script)}`, `/audit?object=${encodeURIComponent(image)}`]) {
      await alice.open(path);
      await everything(alice);
    }
    alice.expect.push(/status of 40[04]/);
    for (const path of ['/', '/messages/', '/quarantine/', '/link/']) {
      await alice.page.goto(`${path}${encodeURIComponent(image)}`);
      await alice.unharmed('an address');
    }
    // It was there to be seen, as text.
    await alice.open('/quarantine');
    assert.match(await alice.page.locator('main').innerText(), /GREAT OFFER <img src=x onerror=/);
    await alice.open('/queue');
    assert.match(await alice.page.locator('main').innerText(), /<img src=x onerror=.* try later/);
  },

  'no story shows more than text': async ({ visitor }) => {
    const alice = await visitor({ as: 'alice' });
    const records = (await alice.api('GET', '/history?limit=200')).body.records;
    const wanted = records.filter((one, i) => i < 4 || one.client !== '198.51.100.10');
    assert.ok(wanted.length >= 9, `${wanted.length} of ${records.length}`);
    for (const record of wanted.slice(0, 14)) {
      await alice.open(`/messages/${record.id}`);
      await everything(alice);
    }
  },

  'no held mail shows more than text, and its frame nothing that acts': async ({ visitor }) => {
    const alice = await visitor({ as: 'alice' });
    const { page } = alice;
    const { items } = (await alice.api('GET', '/quarantine?limit=200')).body;
    assert.ok(items.length >= 12, `${items.length} held`);
    let first = true;
    for (const item of items) {
      await alice.open(`/quarantine/${item.id}`);
      await page.getByText('The whole story').waitFor();
      await everything(alice);
      await page.getByRole('tab', { name: 'Content' }).click();
      if (first) {
        await page.getByLabel('Show content at once from now on').check();
        await page.getByRole('button', { name: /Show the content/ }).click().catch(() => undefined);
      }
      first = false;
      await content(alice, item.attachments.length ? undefined : ['Formatted', 'Links']);
      if (!item.attachments.length) continue; // by their HTML alone; the rest of them is plain
      await page.getByRole('tab', { name: 'Why' }).click();
      await everything(alice);
      await page.getByRole('tab', { name: 'History' }).click();
      await everything(alice);
    }
    for (const key of ['r', 'd', 's']) {
      await page.keyboard.press('Escape');
      await page.locator('h1').first().click();
      await page.keyboard.press(key);
      await alice.dialog().waitFor();
      await everything(alice);
      await page.keyboard.press('Escape');
      await alice.dialog().waitFor({ state: 'detached' });
    }
    // The frame's page opened by itself, outside its frame: its own headers hold it.
    for (const item of items) {
      const answer = await page.goto(`/api/v1/quarantine/${item.id}/preview.html`);
      if (answer.status() === 404) continue; // it has no HTML
      assert.match(answer.headers()['content-security-policy'], /sandbox/);
      assert.match(answer.headers()['content-security-policy'], /default-src 'none'/);
      const acting = await page.evaluate(() => [...document.querySelectorAll('script,iframe,object,embed,form,input,link,meta[http-equiv],base,svg,math,img[src^="http"],[href^="javascript:" i],[href^="data:" i]')].map((one) => one.outerHTML));
      assert.deepEqual(acting.filter((one) => !/^<meta http-equiv="Content-Security-Policy" content="default-src 'none'/.test(one)), [], item.subject);
      assert.equal(await page.evaluate(() => [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => /^on/i.test(a.name)).length), 0);
      await alice.unharmed(item.subject);
    }
  },

  'no digest and no link shows more than text': async ({ world, visitor }) => {
    const digest = await world.digest('anna');
    const path = join(world.directory, 'digest.html');
    writeFileSync(path, digest.html);
    assert.match(digest.text, /GREAT OFFER <img src=x onerror=/);
    // As a mail program shows it: a page of its own, from wherever, with nothing forbidden.
    const anna = await visitor({ expect: [/status of 404/] });
    await anna.context.route('http://mail.reader.example/', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: digest.html }));
    await anna.page.goto('http://mail.reader.example/').catch(() => undefined);
    const { visitors } = anna;
    assert.deepEqual(visitors.takeFaults().filter((one) => !one.endsWith('http://mail.reader.example/')), []);
    assert.match(await anna.page.locator('body').innerText(), /GREAT OFFER <img src=x onerror=/);
    await anna.unharmed('digest');
    const links = [...new Set(digest.html.match(/http:\/\/127[^"'\s]+\/link\/[^"'\s<]+/g))];
    assert.ok(links.length > 10, `${links.length} links`);
    for (const link of links) assert.ok(link.startsWith(`${world.base}/link/`), link);
    for (const link of links.slice(0, 6).concat(links.slice(-3))) {
      await anna.open(link);
      await everything(anna);
    }
    await anna.page.getByRole('main').getByRole('button').first().click();
    await anna.page.getByRole('status').first().waitFor();
    await everything(anna);
  },
  'no page of a recipient shows more than text': async ({ world, visitor }) => {
    const anna = await visitor({ recipient: 'anna' });
    const { page } = anna;
    for (const path of ['/own', '/own?view=all', '/own/waiting', '/own/choices']) {
      await anna.open(path);
      await everything(anna);
    }
    await anna.api('POST', '/own/lists', { list: 'block', op: 'add', entry: `"<img/src=x/onerror=${run}>"@evil.example` });
    await anna.open('/own/choices');
    await everything(anna);
    const items = (await anna.api('GET', '/own/quarantine?limit=100')).body.items;
    assert.ok(items.length >= 12, `${items.length}`);
    for (const item of items.slice(0, 3).concat(items.slice(-4))) {
      await anna.open(`/own/held/${item.id}`);
      await page.locator('.preview').waitFor();
      await content(anna);
      await everything(anna);
    }
    await page.keyboard.press('d');
    await anna.dialog().waitFor();
    await everything(anna);
  },

};
