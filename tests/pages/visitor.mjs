// SPDX-License-Identifier: Apache-2.0
// People with browsers, who notice whatever must never happen: a script of somebody else's, a request to somewhere
// else, an error on the console.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { deadline, until } from './world.mjs';

export const modes = {
  light: { viewport: { width: 1366, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1366, height: 860 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  phonedark: { viewport: { width: 360, height: 740 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export class Visitors {
  constructor(world) {
    this.world = world;
    const packages = createRequire(join(world.packages, 'package.json'));
    this.chromium = packages('playwright-core').chromium;
    this.axe = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');
    this.faults = [];
    this.recipients = new Map();
    mkdirSync(world.pictures, { recursive: true });
  }

  async start() {
    this.browser = await this.chromium.launch({
      executablePath: this.world.chromium,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
    });
  }

  async end() {
    await this.browser?.close();
  }

  /** What must not have happened, since the last call. */
  takeFaults() {
    return this.faults.splice(0);
  }

  /** A person with a browser of their own. `as`: an account, signed in already; `recipient`: one, by a mailed link.
   *  `expect`: console messages that belong to what is tested. */
  async visitor({ as, recipient, mode = 'light', expect = [], timezone = 'Europe/Vienna' } = {}) {
    const context = await this.browser.newContext({ ...modes[mode], locale: 'en-GB', timezoneId: timezone, reducedMotion: 'reduce', acceptDownloads: true, baseURL: this.world.base });
    context.setDefaultTimeout(deadline);
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.world.base}/`) && !/^(data|blob|about):/.test(url)) this.faults.push(`a request to ${url}`);
    });
    const visitor = new Visitor(this, context, mode, expect);
    if (as) await visitor.signIn(as);
    if (recipient) await visitor.signInByLink(recipient);
    visitor.page = await visitor.newPage();
    return visitor;
  }
}

class Visitor {
  constructor(visitors, context, mode, expect) {
    Object.assign(this, { visitors, context, mode, expect, world: visitors.world });
  }

  async newPage() {
    const page = await this.context.newPage();
    const fault = (what) => this.visitors.faults.push(`${page.url()}: ${what}`);
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      const text = `${message.text()} ${message.location().url ?? ''}`;
      if (!this.expect.some((allowed) => allowed.test(text))) fault(`console: ${text}`);
    });
    page.on('pageerror', (error) => fault(`error: ${error}`));
    page.on('dialog', (dialog) => {
      fault(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => undefined);
    });
    page.on('popup', (popup) => fault(`a window: ${popup.url()}`));
    return page;
  }

  async close() {
    await this.context.close();
  }

  async signIn(name) {
    const answer = await this.context.request.post('/api/v1/session', { data: { name, password: this.world.password } });
    if (answer.status() !== 200) throw new Error(`signing in as ${name}: ${answer.status()} ${await answer.text()}`);
    this.session = await answer.json();
  }

  /** By a mailed link; whoever did so before comes with the session of then, as links are rationed. */
  async signInByLink(user) {
    const before = this.visitors.recipients.get(user);
    if (before) {
      await this.context.addCookies(before.cookies);
      this.session = before.session;
      return;
    }
    const link = await this.world.signInLink(this.context.request, user);
    const answer = await this.context.request.post('/api/v1/session/token', { data: { token: link.split('#')[1] } });
    if (answer.status() !== 200) throw new Error(`signing in ${user}: ${answer.status()} ${await answer.text()}`);
    this.session = await answer.json();
    this.visitors.recipients.set(user, { session: this.session, cookies: await this.context.cookies() });
  }

  /** A call of the API with this person's session: { status, body }. */
  async api(method, path, data) {
    const answer = await this.context.request.fetch(`/api/v1${path}`, { method, data, headers: { 'X-CSRF-Token': this.session?.csrf ?? '' } });
    const text = await answer.text();
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Not everything is JSON.
    }
    return { status: answer.status(), body };
  }

  /** Opens a page and waits until it has what it shows. */
  async open(path) {
    await this.page.goto(path);
    await this.settled();
  }

  async settled() {
    await this.page.locator('h1').first().waitFor();
    await this.page.waitForFunction(() => !document.querySelector('.skeleton, .splash:empty'));
  }

  /** Did a script of somebody else's run, here or in any frame? */
  async unharmed(what) {
    for (const frame of this.page.frames()) {
      let harmed = false;
      try {
        harmed = await frame.evaluate(() => Boolean(window.__xss) || /PWNED/.test(document.title));
      } catch (error) {
        if (!/detached|destroyed|closed/.test(String(error))) throw error;
      }
      if (harmed) this.visitors.faults.push(`${what}: a script of the mail ran in ${frame.url()}`);
    }
  }

  async look(name) {
    const { page } = this;
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) this.visitors.faults.push(`${name} ${this.mode}: the page scrolls sideways by ${wide} px`);
    const path = join(this.world.pictures, `${name}.${this.mode}.png`);
    // What lies over the page is seen as it is; a page as a whole.
    const over = await page.locator('[role=dialog], [role=alertdialog], [role=menu], .bulk, .drawer').count();
    const { viewport } = modes[this.mode];
    await page.screenshot(over ? { path } : { path, fullPage: true, clip: { x: 0, y: 0, width: viewport.width, height: Math.min(1800, Math.max(height, viewport.height)) } });
  }

  /** WCAG 2.2 A and AA, as far as a program can tell. */
  async axe(name) {
    await this.page.evaluate(this.visitors.axe);
    const { violations } = await this.page.evaluate((tags) => window.axe.run(document, { runOnly: tags, iframes: false }), wcag);
    for (const one of violations) {
      this.visitors.faults.push(`axe, ${name} ${this.mode}: ${one.id}, ${one.help}${one.nodes.slice(0, 4).map((node) => `\n      ${node.target.join(' ')}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`).join('')}`);
    }
  }

  button(name, within = this.page) {
    return within.getByRole('button', { name, exact: typeof name === 'string' });
  }

  dialog() {
    return this.page.locator('[role=dialog], [role=alertdialog]');
  }

  /** Waits for a word of what came of an action. */
  async notice(text) {
    await this.page.locator('.notice').filter({ hasText: text }).first().waitFor();
  }

  row(subject) {
    return this.page.locator('.held-item').filter({ hasText: subject });
  }

  focused() {
    return this.page.evaluate(() => {
      const e = document.activeElement;
      return !e || e === document.body ? 'body' : e.getAttribute('aria-label') || e.textContent.trim().slice(0, 80) || e.id || e.tagName;
    });
  }
}

export { until };
