// SPDX-License-Identifier: Apache-2.0
// Every page and dialog: WCAG 2.2 A and AA by axe, light and dark, at a desk and on a phone, with pictures for people
// to look at in build/test-logs/pages.
import assert from 'node:assert/strict';
import { until } from './world.mjs';

const tab = (name) => async ({ page }) => {
  await page.getByRole('tab', { name }).click();
  await page.getByRole('tabpanel').waitFor();
};
const first = async (person) => {
  await person.page.locator('[data-row]').first().click();
  await person.settled();
};
const held = (subject, then) => async (person) => {
  await person.row(subject).getByRole('link').click();
  await person.page.getByText('The whole story').waitFor();
  if (then) await then(person);
};
const content = (way) => held('invoice', async (person) => {
  await tab('Content')(person);
  await person.page.getByRole('button', { name: /Show the content/ }).click();
  await person.page.locator('.preview').waitFor();
  if (way) await person.page.locator('.preview .segments label').filter({ hasText: way }).click();
});
const dialog = (name, within) => async (person) => {
  const root = within ? person.page.locator(within) : person.page;
  await root.getByRole('button', { name }).first().click();
  await person.dialog().waitFor();
};

const pages = {
  alice: [
    ['overview', '/', async ({ page }) => page.locator('canvas').first().waitFor()], ['overview-7d', '/?range=7d'], ['messages', '/messages'],
    ['messages-filters', '/messages?verdict=reject'], ['messages-nothing', '/messages?text=nothing-like-that'],
    ['message-refused', '/messages?verdict=reject', first], ['message-held', '/messages?verdict=quarantine', first], ['message-accepted', '/messages?verdict=accept', first], ['message-greylisted', '/messages?verdict=greylist', first],
    ['quarantine', '/quarantine'], ['quarantine-filters', '/quarantine?sender=good'], ['quarantine-asked', '/quarantine?view=asked'], ['quarantine-all', '/quarantine?view=all'],
    ['quarantine-marked', '/quarantine', async ({ page }) => {
      await page.locator('.held-item input').nth(0).check();
      await page.locator('.held-item input').nth(2).check();
    }],
    ['held', '/quarantine', held('invoice')], ['held-unshown', '/quarantine', held('invoice', tab('Content'))], ['held-content', '/quarantine', content()], ['held-text', '/quarantine', content('Text')], ['held-headers', '/quarantine', content('Headers')],
    ['held-attachments', '/quarantine', content('Attachments')], ['held-links', '/quarantine', content('Links')], ['held-why', '/quarantine', held('invoice', tab('Why'))], ['held-history', '/quarantine', held('invoice', tab('History'))],
    ['held-release', '/quarantine', held('two of us', dialog(/^Release/, '.detail'))], ['held-delete', '/quarantine', held('invoice', dialog(/^Delete/, '.detail'))], ['held-spam', '/quarantine', held('invoice', dialog(/^Spam/, '.detail'))],
    ['held-forward', '/quarantine', held('invoice', async (person) => {
      await person.button('More actions').click();
      await person.page.getByRole('menuitem', { name: 'Send to an analyst' }).click();
      await person.dialog().waitFor();
    })],
    ['held-menu', '/quarantine', held('invoice', async (person) => person.button('More actions').click())],
    ['waiting', '/waiting'], ['waiting-let-in', '/waiting', dialog(/Let in/)], ['queue', '/queue'], ['queue-menu', '/queue', async ({ page }) => page.getByRole('button', { name: /Actions for/ }).first().click()],
    ['settings', '/settings'], ['settings-policies', '/settings?tab=policies'], ['settings-domains', '/settings?tab=domains'], ['settings-toml', '/settings?tab=toml'],
    ['doctor', '/doctor'], ['accounts', '/accounts'], ['accounts-add', '/accounts', dialog('Add an account')], ['accounts-token', '/accounts', dialog('Make a token')], ['audit', '/audit'],
    ['keys', '/', async (person) => {
      await person.page.keyboard.press('?');
      await person.dialog().waitFor();
    }],
    ['account-menu', '/', async ({ page }) => page.locator('.account').click()], ['missing', '/nowhere'], ['more', '/', async ({ page, mode }) => mode.startsWith('phone') && page.getByRole('button', { name: 'More' }).click()],
    ['own-for-others', '/own'],
  ],
  victor: [['viewer-held', '/quarantine', held('invoice')], ['forbidden', '/accounts']],
  nobody: [['sign-in', '/'], ['sign-in-mail', '/own'], ['setup-done', '/setup#x'], ['link-gone', '/link/gone']],
  anna: [
    ['own', '/own'], ['own-held', '/own', async (person) => {
      await person.row('invoice').getByRole('link').click();
      await person.page.locator('.preview').waitFor();
    }],
    ['own-delete', '/own', async (person) => {
      await person.row('invoice').getByRole('checkbox').check();
      await person.page.keyboard.press('d');
      await person.dialog().waitFor();
    }],
    ['own-refused', '/own', async (person) => person.row('AWFUL thing').getByRole('link').click()], ['own-waiting', '/own/waiting'], ['own-choices', '/own/choices'],
  ],
  clara: [['own-empty', '/own'], ['own-waiting-empty', '/own/waiting']],
};

async function lookAround(t, mode) {
  const { world, visitor, visitors } = t;
  const sessions = t.visitors.sessions;
  for (const [who, list] of Object.entries(pages)) {
    const person = await visitor({ mode, expect: [/status of 40[1349]/, /status of 410/] });
    if (sessions[who]) await person.context.addCookies(sessions[who]);
    for (const [name, path, act] of list) {
      try {
        await person.open(path);
        if (act) await act(person);
        // On phones a dialog is not seen before the keyboard of the screen may have come.
        await person.page.waitForFunction(() => !document.querySelector('.skeleton') && document.getAnimations().every((one) => one.playState !== 'running') &&
          [...document.querySelectorAll('.overlay')].every((one) => getComputedStyle(one).opacity === '1'));
        const over = await person.dialog().count();
        await person.look(name);
        await person.axe(name);
        assert.equal(await person.dialog().count(), over, 'a dialog stays');
        if (/-(add|token|release|delete|spam|forward|let-in)$|^keys$/.test(name)) assert.equal(over, 1, 'there is a dialog');
      } catch (error) {
        visitors.faults.push(`${name} ${mode}: ${String(error).split('\n').slice(0, 3).join(' ').replace(/\x1b\[[0-9;]*m/g, '')}`);
      }
    }
    await person.close();
  }
}

export const cases = {
  'there is something to look at': async ({ world, visitor, visitors }) => {
    await world.addUser('alice', 'admin');
    await world.addUser('victor', 'viewer');
    // Before there is anything.
    const empty = await visitor({ as: 'alice' });
    for (const path of ['/', '/messages', '/quarantine', '/quarantine?view=asked', '/waiting', '/queue', '/audit', '/settings?tab=domains']) {
      await empty.open(path);
      await empty.look(`empty${path.replace(/\W+/g, '-')}`);
      await empty.axe(`empty ${path}`);
    }
    await world.sendFine({ subject: 'Lunch?', text: 'At noon?' });
    await world.sendFine({
      subject: 'GREAT OFFER and an invoice', author: 'Billing of the bank <billing@good.example>',
      text: 'Dear customer,\n\nyour account is limited. Confirm your data at\nhttps://www.bank.example/confirm\n',
      html: '<h2 style="color:#036">The bank</h2><p>Dear customer,</p><p>your account is <b>limited</b>. <a href="http://evil.example/login?x=1">https://www.bank.example/confirm</a></p><img src="http://tracker.example/p.gif" width=1><script>1</script><p><a href="http://shop.example/u">Unsubscribe</a></p>',
      files: [{ name: 'Invoice.pdf.exe', content: Buffer.from(`MZ${'\0'.repeat(300)}`) }, { name: 'a long name of a file that goes on and on until nobody can read it any more, really.txt', type: 'text/plain', content: 'x' }],
    });
    await world.sendFine({ subject: 'GREAT OFFER for the two of us, with a subject that is so long that it cannot be shown in one line of any list, on no screen', to: ['anna@example.org', 'bert@example.org'], sender: `${'a-very-long-local-part-'.repeat(2)}@${'many.labels.'.repeat(6)}plain.example` });
    await world.sendFine({ subject: '', author: '=?utf-8?B?5pel5pys6Kqe44Gu5ZCN5YmN?= <info@good.example>', text: 'x', headers: ['X-Spam: GREAT OFFER'] });
    await world.sendFine({ subject: 'GREAT OFFER =?utf-8?B?16nXnNeV150g16LXldec150=?=', author: '=?utf-8?B?2YXYsdit2KjYpw==?= <info@good.example>' });
    assert.match(await world.send({ subject: 'AWFUL thing', sender: 'boss@bank.example', author: 'The bank <boss@bank.example>' }), /^550/);
    assert.match(await world.send({ subject: 'AWFUL but asked for' }), /^550/);
    assert.match(await world.send({ subject: 'PERHAPS a login code' }), /^451/);
    assert.match(await world.send({ subject: 'PERHAPS another', sender: 'login@plain.example', client: '198.51.100.77', to: ['bert@example.org'] }), /^451/);
    for (const number of [1, 2]) await world.sendFine({ to: [`someone${number}@away.example`], subject: 'for later' });
    const anna = await visitor({ recipient: 'anna' });
    const item = (await anna.api('GET', '/own/quarantine?text=asked')).body.items[0];
    await anna.api('POST', '/own/actions', { action: 'ask', ids: [item.id] });
    const victor = await visitor({ as: 'victor' });
    const clara = await visitor({ recipient: 'clara' });
    await until(async () => (await empty.api('GET', '/queue/destinations')).body.destinations.some((one) => one.last_reply), 'a failed attempt');
    visitors.sessions = { alice: await empty.context.cookies(), victor: await victor.context.cookies(), anna: await anna.context.cookies(), clara: await clara.context.cookies() };
  },
  'all at once': async (t) => {
    await Promise.all(t.world.modes.map((mode) => lookAround(t, mode)));
  },
};
