// SPDX-License-Identifier: Apache-2.0
// What recipients do: digests and their links, their own page, asking for what was refused.
import assert from 'node:assert/strict';
import { bodyText, until } from './world.mjs';

const refused = [/status of 40[1349]/, /status of 410/];

export const cases = {
  'a link out of a digest acts when its button is pressed, once': async ({ world, visitor }) => {
    await world.addUser('alice', 'admin');
    await world.sendFine({ subject: 'GREAT OFFER by digest' });
    const digest = await world.digest('anna');
    assert.deepEqual(Object.keys(digest.links), ['Release', 'Release and allow sender', 'Delete']);
    assert.ok(digest.links.Release.startsWith(`${world.base}/link/`), digest.links.Release);
    const anna = await visitor({ expect: refused });
    const { page } = anna;
    for (let i = 0; i < 2; ++i) {
      await anna.open(digest.links.Release);
      await page.getByRole('heading', { name: 'Release this mail?' }).waitFor();
      await page.getByText('GREAT OFFER by digest').waitFor();
      await page.getByText('Nothing has happened yet').waitFor();
    }
    await anna.axe('link');
    const scanner = await fetch(digest.links.Release); // a program that follows links, and presses nothing
    assert.equal(scanner.status, 200);
    await world.sendFine({ subject: 'a mark in time' });
    await world.arrives('anna', 'a mark in time');
    assert.equal(world.received('anna', 'GREAT OFFER by digest').length, 0, 'opening released nothing');
    await anna.button('Release it').click();
    await page.getByRole('heading', { name: 'Released' }).waitFor();
    await anna.axe('link-done');
    await world.arrives('anna', 'GREAT OFFER by digest');
    await anna.open(digest.links.Release);
    await page.getByText('This link does not work any more').waitFor();
    await anna.axe('link-gone');
    assert.equal(world.received('anna', 'GREAT OFFER by digest').length, 1);
    // The other one, of a message that is decided about.
    await anna.open(digest.links.Delete);
    const button = anna.button('Delete it');
    if (await button.count()) {
      await button.click();
      await page.getByText('Nothing was left to do').waitFor();
    }
  },

  'a link that was changed is refused': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER tampered' });
    const { links } = await world.digest('anna', 2);
    const anna = await visitor({ expect: refused });
    const at = links.Release.length - 20;
    const changed = links.Release.slice(0, at) + (links.Release[at] === 'A' ? 'B' : 'A') + links.Release.slice(at + 1);
    for (const wrong of [changed, links.Release.slice(0, -3), `${world.base}/link/x`, `${world.base}/link/%3Cscript%3E`]) {
      await anna.open(wrong);
      await anna.page.getByText('This link does not work any more').waitFor();
      assert.equal(await anna.button('Release it').count(), 0);
    }
    assert.equal(world.received('anna', 'tampered').length, 0);
  },

  'a mailed link signs in, once, to what is one’s own': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER for Bert', to: ['bert@example.org'] });
    const anna = await visitor({ expect: refused });
    const { page } = anna;
    await anna.open('/own');
    await page.getByLabel('Your mail address').fill('anna@example.org');
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await page.getByText('Look into your mail').waitFor();
    await anna.axe('sign-in-mailed');
    const [mail] = await world.arrives('anna', 'Sign in');
    const link = /http\S+\/sign-in#\S+/.exec(bodyText(mail))[0];
    await anna.open(link);
    await page.reload();
    await anna.button('Sign in').click();
    await page.getByRole('heading', { name: 'Held mail' }).waitFor();
    await page.getByText('GREAT OFFER tampered').waitFor();
    assert.equal(await page.getByText('GREAT OFFER for Bert').count(), 0);
    const again = await visitor({ expect: refused });
    await again.open(link);
    await again.button('Sign in').click();
    await again.page.getByRole('alert').waitFor();
    // Strangers get the same answer and no mail.
    const stranger = await visitor();
    await stranger.open('/own');
    await stranger.page.getByLabel('Your mail address').fill('nobody@example.org');
    await stranger.page.getByRole('button', { name: 'Send me a link' }).click();
    await stranger.page.getByText('Look into your mail').waitFor();
  },

  'other people’s mail cannot be reached': async ({ world, visitor }) => {
    const alice = await visitor({ as: 'alice' });
    const anna = await visitor({ recipient: 'anna', expect: refused });
    const item = (await alice.api('GET', '/quarantine?recipient=bert@example.org')).body.items[0];
    assert.equal(item.subject, 'GREAT OFFER for Bert');
    for (const path of [`/own/quarantine/${item.id}/preview`, `/own/quarantine/${item.id}/preview.html`]) assert.equal((await anna.api('GET', path)).status, 404, path);
    const acted = await anna.api('POST', '/own/actions', { action: 'release', ids: [item.id] });
    assert.ok(acted.status === 404 || (acted.body.results[0].ok === false && acted.body.results[0].changed === 0), JSON.stringify(acted));
    for (const path of ['/quarantine', `/quarantine/${item.id}`, '/history', '/queue', '/overview', '/settings', '/users', '/audit', '/events']) assert.equal((await anna.api('GET', path)).status, 403, path);
    await anna.open(`/own/held/${item.id}`);
    await anna.page.getByRole('heading', { name: 'Held mail' }).waitFor();
    assert.equal(await anna.page.getByText('GREAT OFFER for Bert').count(), 0);
    for (const path of [`/quarantine/${item.id}`, '/messages', '/accounts']) {
      await anna.open(path);
      await anna.page.getByText('Not for this account').waitFor();
    }
  },

  'one releases, deletes and looks into one’s own mail': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER mine', html: '<p>Hello <b>you</b></p>' });
    const anna = await visitor({ recipient: 'anna' });
    const { page } = anna;
    await anna.open('/own');
    await anna.row('GREAT OFFER mine').getByRole('link').click();
    await page.locator('iframe.preview-frame').waitFor();
    await page.frameLocator('iframe.preview-frame').getByText('Hello').waitFor();
    await anna.axe('own-held');
    await page.keyboard.press('r');
    await anna.axe('own-release-dialog');
    await anna.button('Release', anna.dialog()).click();
    await anna.notice('Released');
    const [mail] = await world.arrives('anna', 'GREAT OFFER mine');
    assert.match(mail.toString(), /X-Mailreeve-Released: id=/);
    await until(async () => (await anna.row('GREAT OFFER mine').count()) === 0, 'it leaves the list');
    await anna.row('tampered').getByRole('checkbox').check();
    await page.getByRole('region', { name: 'What is marked' }).getByRole('button', { name: 'Delete', exact: true }).click();
    await anna.button('Delete', anna.dialog()).click();
    await anna.notice('Deleted');
    await page.getByText('Nothing is held for you').waitFor();
    await anna.axe('own-empty');
  },

  'what was refused is asked for, and a reviewer grants it': async ({ world, visitor }) => {
    await world.addUser('rita', 'reviewer');
    assert.match(await world.send({ subject: 'AWFUL but wanted' }), /^550/);
    const anna = await visitor({ recipient: 'anna' });
    await anna.open('/own');
    await anna.row('AWFUL but wanted').getByRole('link').click();
    await anna.page.getByText('an administrator decides').waitFor();
    assert.equal(await anna.page.getByRole('toolbar').getByRole('button', { name: /^Release/ }).count(), 0, 'it cannot be released by its recipient');
    await anna.button(/^Ask for release/).click();
    await anna.button('Ask for release', anna.dialog()).click();
    await anna.notice('Asked for');
    await anna.page.getByRole('toolbar').getByText('asked for').waitFor();
    const rita = await visitor({ as: 'rita' });
    const { page } = rita;
    await rita.open('/');
    await page.locator('.nav').getByRole('link', { name: /Quarantine.*1/ }).waitFor();
    await rita.open('/quarantine?view=asked');
    await rita.row('AWFUL but wanted').getByRole('link').click();
    await page.getByText('may have sent it again').first().waitFor();
    await rita.button(/^Release/).first().click();
    await rita.dialog().getByText('Its recipient may get it twice').waitFor();
    await rita.axe('grant-dialog');
    await rita.button('Release', rita.dialog()).click();
    await rita.notice('Released');
    const [mail] = await world.arrives('anna', 'AWFUL but wanted');
    assert.match(mail.toString(), /X-Mailreeve-Released: id=/);
    await page.getByText('Nobody asks for mail').waitFor();
    await anna.open('/own?view=all');
    await anna.row('AWFUL but wanted').getByText('released').waitFor();
  },

  'a request is refused': async ({ world, visitor }) => {
    assert.match(await world.send({ subject: 'AWFUL and unwanted' }), /^550/);
    const anna = await visitor({ recipient: 'anna' });
    const id = (await anna.api('GET', '/own/quarantine?text=unwanted')).body.items[0].id;
    assert.equal((await anna.api('POST', '/own/actions', { action: 'ask', ids: [id] })).body.results[0].ok, true);
    const rita = await visitor({ as: 'rita' });
    await rita.open('/quarantine?view=asked');
    await rita.row('AWFUL and unwanted').getByRole('link').click();
    await rita.button('Refuse the request').first().click();
    await rita.dialog().getByLabel('Reason').fill('it is a trick');
    await rita.button('Refuse the request', rita.dialog()).click();
    await rita.notice('Request refused');
    await rita.page.getByText('Nobody asks for mail').waitFor();
    assert.equal(world.received('anna', 'unwanted').length, 0);
  },

  'lists, policy and digest of one’s own change what comes next': async ({ world, visitor }) => {
    const anna = await visitor({ recipient: 'anna' });
    const { page } = anna;
    await anna.open('/own/choices');
    await anna.axe('own-choices');
    const card = (title) => page.locator('section.card').filter({ has: page.getByRole('heading', { name: title }) });
    // Whom she blocks is held back from her alone.
    await card('Senders you block').getByLabel('Address or domain').fill('info@good.example');
    await card('Senders you block').getByRole('button', { name: 'Add' }).click();
    await anna.notice('info@good.example is added');
    await world.sendFine({ subject: 'quite harmless', to: ['anna@example.org', 'bert@example.org'] });
    await world.arrives('bert', 'quite harmless');
    assert.equal(world.received('anna', 'quite harmless').length, 0);
    assert.equal((await anna.api('GET', '/own/quarantine?text=harmless')).body.items[0].why, 'you block this sender');
    await page.getByRole('button', { name: 'Remove info@good.example' }).click();
    await anna.notice('info@good.example is removed');
    await world.sendFine({ subject: 'harmless again' });
    await world.arrives('anna', 'harmless again');
    // Whom she allows gets in, if it is proven.
    await card('Senders you allow').getByLabel('Address or domain').fill('good.example');
    await card('Senders you allow').getByRole('button', { name: 'Add' }).click();
    // Not by the notice: one about info@good.example may still stand there.
    await page.getByRole('button', { name: 'Remove good.example', exact: true }).waitFor();
    await world.sendFine({ subject: 'GREAT OFFER allowed' });
    await world.arrives('anna', 'GREAT OFFER allowed');
    await world.sendFine({ subject: 'GREAT OFFER forged', sender: 'x@plain.example', client: '198.51.100.77' });
    await page.getByRole('button', { name: 'Remove good.example' }).click();
    await anna.notice('good.example is removed');
    // What nobody can mean is refused where it was typed.
    await card('Senders you allow').getByLabel('Address or domain').fill('nonsense');
    anna.expect.push(/status of 4\d\d/);
    await card('Senders you allow').getByRole('button', { name: 'Add' }).click();
    await page.locator('.notice.bad').waitFor();
    await page.locator('.notice.bad').getByRole('button', { name: 'Dismiss' }).click();
    // The policy.
    await page.getByLabel('I like newsletters').click();
    await anna.notice('Saved');
    await world.sendFine({ subject: 'GREAT OFFER liked' });
    await world.arrives('anna', 'GREAT OFFER liked');
    await page.getByLabel('As usual').click();
    await until(async () => (await anna.api('GET', '/own/settings')).body.policy === 'holding', 'the policy is back');
    await page.getByLabel('How often').selectOption('weekly');
    await until(async () => (await anna.api('GET', '/own/settings')).body.digest === 'weekly', 'the digest is weekly');
    await anna.open('/own');
    await anna.row('GREAT OFFER forged').waitFor();
    assert.equal(world.received('anna', 'forged').length, 0, 'nothing proved who sent it');
  },

  'one lets in what waits': async ({ world, visitor }) => {
    assert.match(await world.send({ subject: 'PERHAPS a code' }), /^451/);
    const anna = await visitor({ recipient: 'anna' });
    await anna.open('/own/waiting');
    await anna.page.getByText('info@good.example').first().waitFor();
    await anna.axe('own-waiting');
    await anna.button(/Let in/).first().click();
    await anna.button(/Let in/, anna.dialog()).click();
    await anna.page.getByText('let in at its next try').first().waitFor();
    await world.sendFine({ subject: 'PERHAPS a code' });
    await world.arrives('anna', 'PERHAPS a code');
  },
};
