// SPDX-License-Identifier: Apache-2.0
// The first start, signing in and out, what each role may, the live overview, the size of the first page.
import assert from 'node:assert/strict';
import { until } from './world.mjs';

const refused = [/status of 40[139]/, /status of 410/, /status of 429/];

async function typeIn(page, name, password) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export const cases = {
  'a set-up link makes the first administrator, once': async ({ world, visitor }) => {
    const link = /http:\/\/\S+\/setup#[\w-]+/.exec(await until(() => /setup#/.test(world.logText()) && world.logText(), 'a set-up link in the log'))[0];
    assert.ok(link.startsWith(`${world.base}/`), link);
    const alice = await visitor();
    await alice.open('/');
    await alice.page.getByText('There is no default password').waitFor();
    await alice.axe('setup-needed');
    await alice.page.goto(link);
    await alice.page.reload(); // the address differs by its fragment alone
    await alice.page.getByLabel('Your account’s name').fill('alice');
    await alice.page.getByLabel('Password', { exact: true }).fill('short');
    await alice.page.getByLabel('The new password again').fill('shorter');
    await alice.page.getByRole('button', { name: 'Make the account' }).click();
    await alice.page.getByText('The two are not the same.').waitFor();
    await alice.axe('setup-wrong');
    await alice.page.getByLabel('Password', { exact: true }).fill(world.password);
    await alice.page.getByLabel('The new password again').fill(world.password);
    await alice.page.getByRole('button', { name: 'Make the account' }).click();
    await alice.page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(new URL(alice.page.url()).hash, '', 'the secret is gone from the address');
    await alice.page.getByText('Administrator').waitFor();

    const mallory = await visitor({ expect: refused });
    await mallory.page.goto(link);
    await mallory.page.getByRole('heading', { name: 'Set up already' }).waitFor();
    const answer = await mallory.api('POST', '/setup', { token: link.split('#')[1], name: 'mallory', password: world.password });
    assert.ok([401, 403, 404, 409, 410].includes(answer.status), JSON.stringify(answer));
    assert.equal((await mallory.api('GET', '/session')).body.kind, 'none');
  },

  'a wrong password is refused, many are slowed down': async ({ world, visitor }) => {
    const alice = await visitor({ expect: refused });
    const { page } = alice;
    await alice.open('/');
    await typeIn(page, 'alice', 'not this one');
    const first = await page.getByRole('alert').textContent();
    assert.match(first, /wrong/i, first);
    assert.equal(await page.locator('input[type=password]').inputValue(), '', 'the password is to be typed anew');
    await alice.axe('sign-in-wrong');
    await typeIn(page, 'nobody-of-this-name', 'not this one');
    await until(async () => (await page.locator('input[type=password]').inputValue()) === '', 'a second answer');
    assert.equal(await page.getByRole('alert').textContent(), first, 'whether there is such an account is not told');
    for (let i = 0; i < 12; ++i) await alice.api('POST', '/session', { name: 'nobody-of-this-name', password: `wrong ${i}` });
    await typeIn(page, 'nobody-of-this-name', 'not this one');
    await page.getByRole('alert').filter({ hasText: /too many|again in|wait/i }).waitFor();
    // Others from here are not shut out, and alice with her own password is not either.
    await typeIn(page, 'alice', world.password);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  },

  'signing out ends the session, here and for whoever kept the cookie': async ({ world, visitor }) => {
    const alice = await visitor({ as: 'alice' });
    await alice.open('/messages');
    const cookies = await alice.context.cookies();
    assert.equal(cookies.length, 1);
    assert.equal(cookies[0].httpOnly, true);
    assert.equal(cookies[0].sameSite, 'Strict');
    await alice.page.getByRole('button', { name: /Account menu/ }).click();
    await alice.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await alice.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const thief = await visitor({ expect: refused });
    await thief.context.addCookies(cookies);
    assert.equal((await thief.api('GET', '/session')).body.kind, 'none');
    assert.equal((await thief.api('GET', '/history')).status, 401);
  },

  'a session that ended is noticed, and signing in leads back': async ({ world, visitor }) => {
    const alice = await visitor({ as: 'alice', expect: refused });
    const { page } = alice;
    await alice.open('/messages?verdict=reject');
    await alice.api('DELETE', '/session'); // as an administrator, or time, ends it
    await page.getByRole('searchbox').fill('sender.example');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText('Your session has ended').waitFor();
    await alice.axe('session-ended');
    await typeIn(page, 'alice', world.password);
    await page.getByRole('heading', { name: 'Messages' }).waitFor();
    const where = new URL(page.url());
    assert.equal(where.pathname, '/messages');
    assert.equal(where.searchParams.get('verdict'), 'reject');
    assert.equal(where.searchParams.get('text'), 'sender.example');
  },

  'mail changes the overview while one looks': async ({ world, visitor }) => {
    const alice = await visitor({ as: 'alice' });
    await alice.open('/');
    await alice.page.getByText('Live', { exact: true }).waitFor();
    await alice.page.evaluate(() => (window.__stays = true));
    const accepted = async () => Number(/Accepted\s+(\d+)/.exec(await alice.page.locator('main').innerText())?.[1] ?? 0);
    const before = await accepted();
    await world.sendFine({ subject: 'while you look' });
    await until(async () => (await accepted()) === before + 1, 'the overview counts it');
    assert.equal(await alice.page.evaluate(() => window.__stays), true, 'without being loaded again');
  },

  'each role sees and may what belongs to it': async ({ world, visitor }) => {
    await world.addUser('rita', 'reviewer');
    await world.addUser('victor', 'viewer');
    await world.sendFine({ subject: 'GREAT OFFER of roles' });
    const expected = {
      alice: ['Overview', 'Messages', 'Quarantine', 'Waiting', 'Queue', 'Settings', 'Doctor', 'Accounts', 'Audit log'],
      rita: ['Overview', 'Messages', 'Quarantine', 'Waiting', 'Queue', 'Settings', 'Doctor'],
      victor: ['Overview', 'Messages', 'Quarantine', 'Waiting', 'Queue', 'Settings', 'Doctor'],
    };
    for (const [name, pages] of Object.entries(expected)) {
      const person = await visitor({ as: name, expect: refused });
      await person.open('/quarantine');
      const shown = (await person.page.locator('.nav .nav-text').allInnerTexts()).map((text) => text.trim());
      assert.deepEqual(shown, pages, name);
      await person.row('GREAT OFFER of roles').getByRole('link').click();
      await person.page.getByText('The whole story').waitFor();
      const may = name !== 'victor';
      assert.equal(await person.button(/^Release/).count() > 0, may, `${name}: release`);
      assert.equal(await person.page.getByRole('tab', { name: 'Content' }).count() > 0, may, `${name}: content`);
      assert.equal(await person.page.locator('.row-check').count() > 0, may, `${name}: marking`);
      if (!may) {
        await person.page.keyboard.press('r');
        assert.equal(await person.dialog().count(), 0, 'a key gives no more rights than a button');
        const { id } = (await person.api('GET', '/quarantine')).body.items[0];
        assert.equal((await person.api('POST', '/quarantine/actions', { action: 'release', ids: [id] })).status, 403);
        assert.equal((await person.api('GET', `/quarantine/${id}/preview`)).status, 403);
        assert.equal((await person.api('GET', `/quarantine/${id}/eml`)).status, 403);
      }
      if (name !== 'alice') {
        await person.open('/accounts');
        await person.page.getByRole('heading', { name: 'Not for this account' }).waitFor();
        assert.equal((await person.api('GET', '/users')).status, 403);
        assert.equal((await person.api('GET', '/audit')).status, 403);
      }
      await person.close();
    }
  },

  'an administrator makes, changes and ends accounts and tokens': async ({ world, visitor }) => {
    const alice = await visitor({ as: 'alice', expect: refused });
    const { page } = alice;
    await alice.open('/accounts');
    await alice.button('Add an account').click();
    const dialog = alice.dialog();
    await dialog.getByLabel('Name').fill('gustav');
    await dialog.getByLabel('First password').fill(world.password);
    await alice.axe('accounts-add');
    await alice.button('Add', dialog).click();
    await alice.notice('gustav is added');
    const gustav = await visitor({ as: 'gustav', expect: refused });
    await gustav.open('/');
    await page.getByRole('button', { name: 'Actions for gustav' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await alice.button('Disable', alice.dialog()).click();
    await alice.notice('gustav is disabled');
    await gustav.page.getByRole('link', { name: 'Messages' }).first().click();
    await gustav.page.getByText('Your session has ended').waitFor();
    await typeIn(gustav.page, 'gustav', world.password);
    await gustav.page.getByRole('alert').waitFor();

    await alice.button('Make a token').click();
    await alice.dialog().getByLabel('Name').fill('monitoring');
    await alice.axe('accounts-token');
    await alice.dialog().getByLabel('see numbers and health').check();
    await alice.button('Make', alice.dialog()).click();
    await page.getByText('This is shown once').waitFor();
    const text = await alice.dialog().innerText();
    const secret = /mrv_\S+/.exec(text)?.[0];
    assert.ok(secret, text);
    await alice.axe('accounts-token-made');
    await alice.button('I have kept it', alice.dialog()).click();
    const ask = async (path) => (await fetch(`${world.base}/api/v1${path}`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await ask('/overview'), 200);
    assert.equal(await ask('/history'), 403);
    await alice.button('Revoke').click();
    await alice.button('Revoke', alice.dialog()).click();
    await alice.notice('monitoring is revoked');
    assert.equal(await ask('/overview'), 401);
    await alice.open('/audit');
    await page.getByText('made token').first().waitFor();
    await page.getByText('gustav').first().waitFor();
  },

  'the first page is small': async ({ world, visitor, say }) => {
    for (const [as, path] of [[undefined, '/'], ['alice', '/']]) {
      const somebody = await visitor({ as });
      const network = await somebody.context.newCDPSession(somebody.page);
      await network.send('Network.enable');
      let octets = 0;
      network.on('Network.loadingFinished', (event) => (octets += event.encodedDataLength));
      const began = Date.now();
      await somebody.open(path);
      if (as) await somebody.page.locator('canvas').first().waitFor();
      say(`${as ? 'overview' : 'sign-in'}: ${(octets / 1024).toFixed(0)} KiB in ${Date.now() - began} ms`);
      assert.ok(octets > 20_000 && octets < 300_000, `${octets} octets`);
      await somebody.close();
    }
  },
};
