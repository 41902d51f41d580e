// SPDX-License-Identifier: Apache-2.0
// Looks at every page: screenshots (light, dark, phone) and axe-core, against the mock server.
//   node mock/look.mjs [--out DIR] [--only NAME] [--axe]
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : process.argv[at + 1];
};
const out = option('out', '/tmp/mailreeve-pages');
const only = option('only', '');
const wanted = option('modes', 'light,dark,phone').split(',');
const here = dirname(fileURLToPath(import.meta.url));
const axe = readFileSync(join(here, '../node_modules/axe-core/axe.min.js'), 'utf8');
mkdirSync(out, { recursive: true });

const start = (port, ...args) => new Promise((resolve) => {
  const child = spawn(process.execPath, [join(here, 'server.mjs'), '--port', String(port), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => resolve(child));
});
const click = (text) => async (page) => page.getByRole('button', { name: text }).first().click();
const tab = (text) => async (page) => page.getByRole('tab', { name: text }).click();
const rowLink = async (page) => page.locator('[data-row]').first().click();

const pages = [
  ['overview', 'admin', '/'], ['overview-7d', 'admin', '/?range=7d'], ['messages', 'admin', '/messages'], ['messages-filters', 'admin', '/messages?verdict=reject'],
  ...['reject', 'quarantine', 'accept', 'greylist', 'disconnect', 'tag'].map((verdict) => [`message-${verdict}`, 'admin', `/messages?verdict=${verdict}`, rowLink]),
  ['quarantine', 'admin', '/quarantine'], ['quarantine-asked', 'admin', '/quarantine?view=asked'],
  ['quarantine-marked', 'admin', '/quarantine', async (page) => { await page.locator('.held-item input').nth(0).check(); await page.locator('.held-item input').nth(2).check(); }],
  ['held', 'admin', '/quarantine', rowLink],
  ['held-content', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('Content')(page); await click('Show the content')(page); await page.locator('iframe').waitFor(); }],
  ['held-attachments', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('Content')(page); await click('Show the content')(page); await page.getByRole('radio', { name: /Attachments/ }).check(); }],
  ['held-links', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('Content')(page); await click('Show the content')(page); await page.getByRole('radio', { name: /Links/ }).check(); }],
  ['held-headers', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('Content')(page); await click('Show the content')(page); await page.getByRole('radio', { name: /Headers/ }).check(); }],
  ['held-why', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('Why')(page); }],
  ['held-history', 'admin', '/quarantine', async (page) => { await rowLink(page); await tab('History')(page); }],
  ['held-release', 'admin', '/quarantine', async (page) => { await page.locator('[data-row]').nth(2).click(); await click('Release')(page); }],
  ['held-delete', 'admin', '/quarantine', async (page) => { await rowLink(page); await click('Delete')(page); }],
  ['waiting', 'admin', '/waiting'], ['queue', 'admin', '/queue'], ['queue-menu', 'admin', '/queue', async (page) => page.locator('.destinations .icon-button').first().click()],
  ['settings', 'admin', '/settings'], ['settings-policies', 'admin', '/settings?tab=policies'], ['settings-domains', 'admin', '/settings?tab=domains'], ['settings-toml', 'admin', '/settings?tab=toml'],
  ['doctor', 'admin', '/doctor'], ['accounts', 'admin', '/accounts'], ['accounts-add', 'admin', '/accounts', click('Add an account')], ['accounts-token', 'admin', '/accounts', click('Make a token')],
  ['audit', 'admin', '/audit'], ['keys', 'admin', '/', async (page) => page.keyboard.press('?')], ['account-menu', 'admin', '/', async (page) => page.locator('.account').click()], ['missing', 'admin', '/nowhere'],
  ['viewer', 'viewer', '/quarantine', rowLink], ['forbidden', 'viewer', '/accounts'],
  ['own', 'recipient', '/'], ['own-held', 'recipient', '/own', rowLink], ['own-waiting', 'recipient', '/own/waiting'], ['own-choices', 'recipient', '/own/choices'],
  ['sign-in', 'none', '/'], ['sign-in-wrong', 'none', '/', async (page) => { await page.getByLabel('Name', { exact: true }).fill('x'); await page.locator('input[type=password]').fill('wrong'); await page.keyboard.press('Enter'); await page.getByRole('alert').waitFor(); }], ['sign-in-mail', 'none', '/own'],
  ['setup-needed', 'setup', '/'], ['setup', 'setup', '/setup#token'],
  ['link-release', 'none', '/link/release'], ['link-delete', 'none', '/link/delete-and-block'], ['link-sign-in', 'none', '/link/sign-in'], ['link-gone', 'none', '/link/gone'], ['link-done', 'none', '/link/release', click('Release it')],
  ...['/', '/messages', '/quarantine', '/waiting', '/queue', '/accounts', '/audit', '/settings?tab=domains'].map((path) => [`empty${path.replace(/\W+/g, '-')}`, 'empty', path]), ['empty-own', 'empty-recipient', '/own'],
];
const modes = { light: { viewport: { width: 1366, height: 860 }, colorScheme: 'light' }, dark: { viewport: { width: 1366, height: 860 }, colorScheme: 'dark' }, tablet: { viewport: { width: 1000, height: 760 }, colorScheme: 'light' }, phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 }, phonedark: { viewport: { width: 360, height: 740 }, colorScheme: 'dark', isMobile: true, hasTouch: true } };
const servers = [await start(8091), await start(8092, '--empty')];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
let wrong = 0;
const say = (...words) => (++wrong, console.log(...words));
try {
  for (const mode of wanted) {
    for (const [name, role, path, act] of pages) {
      if (only && !new RegExp(only).test(name)) continue;
      const port = role.startsWith('empty') ? 8092 : 8091;
      const context = await browser.newContext({ ...modes[mode], locale: 'en-GB', timezoneId: 'Europe/Vienna', reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.setDefaultTimeout(6000);
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/status of 4\d\d|Blocked script execution/.test(message.text()) && say(name, mode, message.text()));
      page.on('pageerror', (error) => say(name, mode, String(error)));
      page.on('dialog', (dialog) => (say(name, mode, 'SCRIPT RAN', dialog.message()), dialog.dismiss()));
      await page.request.post(`http://127.0.0.1:${port}/api/v1/mock/role`, { data: { role: role === 'empty' ? 'admin' : role === 'empty-recipient' ? 'recipient' : role } });
      try {
        await page.goto(`http://127.0.0.1:${port}${path}`);
        await page.locator('h1').first().waitFor();
        await page.waitForFunction(() => !document.querySelector('.skeleton'), undefined, { timeout: 4000 });
        if (act) await act(page);
        await page.waitForTimeout(250);
        await page.waitForFunction(() => !document.querySelector('.skeleton'), undefined, { timeout: 4000 });
      } catch (error) {
        say(name, mode, 'NOT REACHED', String(error).split('\n')[0]);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) say(name, mode, `scrolls sideways by ${wide}`);
      const split = (/^(held|quarantine|own|viewer)/.test(name) && mode !== 'phone') || (await page.locator('[role=dialog], [role=alertdialog]').count()) > 0;
      await page.screenshot({ path: join(out, `${name}.${mode}.png`), fullPage: !split, ...(split ? {} : { clip: { x: 0, y: 0, width: modes[mode].viewport.width, height: Math.min(1700, await page.evaluate(() => document.documentElement.scrollHeight)) } }) });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], iframes: false }));
      for (const violation of violations) say(name, mode, violation.id, violation.help, violation.nodes.slice(0, 3).map((node) => `\n   ${node.target.join(' ')} | ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`).join(''));
      await context.close();
    }
  }
} finally {
  await browser.close();
  for (const server of servers) server.kill();
}
console.log(wrong ? `${wrong} things to mend` : 'all well');
