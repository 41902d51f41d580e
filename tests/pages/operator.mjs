// SPDX-License-Identifier: Apache-2.0
// What an operator does all day: find why a message was refused, decide about held ones.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyText, letter, until } from './world.mjs';

/** Opens one held message out of the list. */
async function openHeld(person, subject) {
  await person.open('/quarantine');
  await person.row(subject).getByRole('link').click();
  await person.page.getByRole('heading', { name: subject }).waitFor();
}

const released = (raw) => {
  const text = raw.toString('latin1');
  const at = text.indexOf('X-Mailreeve-Released:');
  assert.ok(at >= 0, 'marked as released');
  return { text, at };
};

export const cases = {
  'a refused message is found, and why it was refused': async ({ world, visitor }) => {
    await world.addUser('alice', 'admin');
    const answer = await world.send({ sender: 'boss@bank.example', author: 'The bank <boss@bank.example>', subject: 'AWFUL news of your account', helo: 'mx.good.example' });
    assert.match(answer, /^550/, answer);
    const alice = await visitor({ as: 'alice' });
    const { page } = alice;
    await alice.open('/messages');
    await page.getByRole('searchbox').fill('boss@bank.example');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    const row = page.locator('tbody tr').filter({ hasText: 'boss@bank.example' });
    await until(async () => (await page.locator('tbody tr').count()) === 1, 'one row');
    await row.getByText('Refused').waitFor();
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: 'Refused: the sender was told' }).waitFor();
    await page.getByText('What would have changed it:').first().waitFor();
    const told = await page.locator('main').innerText();
    assert.match(told, /550[ -]5\.7/, 'what the sender was told');
    const decided = page.locator('tr.decided, .headline .why');
    assert.ok((await decided.count()) > 0);
    // The deciding finding with its evidence, and the others.
    for (const code of ['keyword.awful', 'spf.fail', 'dmarc.reject']) assert.ok(told.includes(code), `${code} in:\n${told}`);
    assert.match(told, /198\.51\.100\.10/);
    await page.getByRole('img', { name: /Score .*Thresholds/ }).waitFor();
    await page.getByText('says that this server may not send its mail').waitFor();
    await page.getByText('Log lines').click();
    const log = await page.locator('pre.log').innerText();
    assert.match(log, /"event":"transaction"/, log);
    assert.ok(log.includes('boss@bank.example'), log);
    await page.getByText('Look-ups').click();
    await page.getByText('v=spf1 ip4:203.0.113.7 -all').waitFor();
    // Its copy is one click away, and says that the sender knows.
    await page.getByRole('link', { name: 'The held copy' }).click();
    await page.getByText('the sender was told it did not arrive').waitFor();
  },

  'a held message is released from the list by keyboard, with its signature whole': async ({ world, visitor }) => {
    const plain = join(world.directory, 'plain.eml');
    writeFileSync(plain, letter({ subject: 'GREAT OFFER, signed', text: 'A signed text.\r\n' }));
    const signed = await world.command(['dkim', 'sign', '--domain', 'good.example', '--selector', 's1', '--key', world.key, plain]);
    assert.match(signed.toString(), /^DKIM-Signature:/);
    await world.sendFine({ data: signed });
    const alice = await visitor({ as: 'alice' });
    const { page } = alice;
    await alice.open('/quarantine');
    await alice.row('GREAT OFFER, signed').waitFor();
    await page.keyboard.press('j');
    assert.equal(await alice.focused(), 'GREAT OFFER, signed');
    await page.keyboard.press('r');
    await alice.dialog().getByText('A mail that is delivered cannot be called back.').waitFor();
    assert.deepEqual(world.received('anna', 'signed'), [], 'nothing before the answer');
    await page.keyboard.press('Escape');
    await alice.dialog().waitFor({ state: 'detached' });
    await until(async () => (await alice.focused()) === 'GREAT OFFER, signed', 'the focus comes back to the row');
    await page.keyboard.press('r');
    await alice.dialog().waitFor();
    // The last button of the dialog is the one that acts.
    await until(async () => {
      await page.keyboard.press('Tab');
      return (await alice.focused()).startsWith('Release');
    }, 'the button is reached by Tab');
    await page.keyboard.press('Enter');
    await alice.notice('Released');
    const [mail] = await world.arrives('anna', 'signed');
    const { text, at } = released(mail);
    const asItLies = (octets) => octets.toString('latin1').replaceAll('\r\n', '\n'); // a Maildir's line ends are the system's
    assert.ok(asItLies(mail).endsWith(asItLies(signed)), 'every octet is as it came');
    assert.ok(at < text.indexOf('DKIM-Signature:'), 'the mark stands above what is signed');
    assert.match(text, /X-Mailreeve-Released: id=\S+; at=/);
    const file = join(world.directory, 'released.eml');
    writeFileSync(file, mail);
    assert.match((await world.command(['dkim', 'verify', file])).toString(), /pass/);
    await until(async () => (await alice.row('GREAT OFFER, signed').count()) === 0, 'it leaves the list');
    // Who did it stands in its history.
    await alice.open('/quarantine?view=all');
    await alice.row('GREAT OFFER, signed').getByRole('link').click();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('tabpanel').getByText('alice').first().waitFor();
  },

  'a button released twice releases once': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, once' });
    const alice = await visitor({ as: 'alice' });
    await openHeld(alice, 'GREAT OFFER, once');
    await alice.page.getByRole('button', { name: 'Release', exact: true }).first().click();
    const id = alice.page.url().match(/quarantine\/([^?]+)/)[1];
    await alice.button('Release', alice.dialog()).dblclick();
    await alice.notice('Released');
    await world.arrives('anna', 'once');
    // And whoever had the same page open a moment longer, or asks ten times at once.
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice.api('POST', '/quarantine/actions', { action: 'release', ids: [id] })));
    assert.ok(answers.every((one) => one.status === 200 && one.body.results[0].changed === 0), JSON.stringify(answers.map((one) => one.body)));
    await world.sendFine({ subject: 'after it' });
    await world.arrives('anna', 'after it');
    assert.equal(world.received('anna', 'once').length, 1);
  },

  'one of two recipients gets it': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, for one', to: ['anna@example.org', 'bert@example.org'] });
    const alice = await visitor({ as: 'alice' });
    await openHeld(alice, 'GREAT OFFER, for one');
    await alice.page.getByRole('button', { name: 'Release', exact: true }).first().click();
    await alice.dialog().getByLabel(/anna@example.org/).uncheck();
    await alice.axe('release-dialog');
    await alice.button('Release', alice.dialog()).click();
    await world.arrives('bert', 'for one');
    assert.equal(world.received('anna', 'for one').length, 0);
    await alice.open('/quarantine');
    await alice.row('GREAT OFFER, for one').waitFor();
  },

  'many are deleted together after a question': async ({ world, visitor }) => {
    for (const number of [1, 2, 3]) await world.sendFine({ subject: `GREAT OFFER, many ${number}` });
    const alice = await visitor({ as: 'alice' });
    const { page } = alice;
    await alice.open('/quarantine');
    for (const number of [1, 2]) await alice.row(`many ${number}`).getByRole('checkbox').check();
    await page.getByRole('region', { name: 'What is marked' }).getByText('2 marked').waitFor();
    await alice.axe('quarantine-marked');
    await page.getByRole('region', { name: 'What is marked' }).getByRole('button', { name: 'Delete' }).click();
    await alice.dialog().getByText('Delete 2 mails?').waitFor();
    await alice.dialog().getByText('only copy').waitFor();
    await alice.axe('delete-dialog');
    await alice.button('Cancel', alice.dialog()).click();
    await alice.dialog().waitFor({ state: 'detached' });
    assert.equal(await page.locator('.held-item.marked').count(), 2, 'nothing happened, and they are still marked');
    await page.keyboard.press('d');
    await alice.button('Delete', alice.dialog()).click();
    await alice.notice('Deleted');
    await until(async () => (await alice.row('many').count()) === 1, 'one is left');
    await alice.row('many 3').waitFor();
  },

  'spam and not spam teach the word filter': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, taught', text: 'casino jackpot lottery million winner claim exclusive bonus. '.repeat(6) });
    const alice = await visitor({ as: 'alice' });
    await openHeld(alice, 'GREAT OFFER, taught');
    await alice.button(/^Not spam/).click();
    await alice.notice('Learnt as no spam');
    await alice.page.getByRole('tab', { name: 'History' }).click();
    await alice.page.getByRole('tabpanel').getByText('taught as no spam').waitFor();
    await alice.button(/^Spam/).click();
    await alice.dialog().getByText('the mail itself is deleted').waitFor();
    await alice.button('Spam', alice.dialog()).click();
    await alice.notice('Learnt as spam');
    await until(async () => (await alice.row('GREAT OFFER, taught').count()) === 0, 'it is gone');
    const learnt = (await alice.api('GET', '/learn')).body;
    assert.equal(learnt.spam, 1, JSON.stringify(learnt));
    await alice.open('/quarantine?view=all');
    await alice.row('GREAT OFFER, taught').getByRole('link').click();
    await alice.page.getByText('by alice').waitFor();
    assert.equal(await alice.page.getByRole('toolbar').count(), 0, 'nothing can be done with what is deleted');
  },

  'it is downloaded in a locked archive': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, locked', text: 'what is inside' });
    const alice = await visitor({ as: 'alice' });
    await openHeld(alice, 'GREAT OFFER, locked');
    const [download] = await Promise.all([alice.page.waitForEvent('download'), alice.page.getByRole('link', { name: 'Download as .eml' }).click()]);
    assert.match(download.suggestedFilename(), /\.zip$/);
    const path = join(world.directory, 'download.zip');
    await download.saveAs(path);
    assert.ok(!readFileSync(path).includes('what is inside'), 'no scanner on the way can read it');
    const inside = openLocked(path);
    assert.ok(inside.includes('Subject: GREAT OFFER, locked') && inside.includes('what is inside'), inside);
    await alice.open('/audit');
    await alice.page.getByText('downloaded').first().waitFor();
  },

  'it is sent to an analyst, locked': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, analysed', text: 'look into this' });
    const alice = await visitor({ as: 'alice' });
    await openHeld(alice, 'GREAT OFFER, analysed');
    await alice.button('More actions').click();
    await alice.page.getByRole('menuitem', { name: 'Send to an analyst' }).click();
    await alice.dialog().getByLabel('Analyst’s address').fill('analyst@example.org');
    await alice.dialog().getByLabel('Reason').fill('looks new');
    await alice.axe('forward-dialog');
    await alice.button('Send to an analyst', alice.dialog()).click();
    await alice.notice('Sent to the analyst');
    const [mail] = await until(() => world.maildir('analyst').length > 0 && world.maildir('analyst'), 'the analyst’s mail');
    const path = join(world.directory, 'analyst.zip');
    writeFileSync(path, Buffer.from(/\n\n([A-Za-z0-9+/=\n]+)\n--/.exec(attachment(mail))[1], 'base64'));
    assert.ok(openLocked(path).includes('look into this'));
    assert.ok(!mail.includes('look into this'), 'nothing of it stands open in the mail');
    await alice.open('/quarantine');
    await alice.row('GREAT OFFER, analysed').waitFor();
  },

  'everything goes by keyboard alone': async ({ world, visitor }) => {
    await world.sendFine({ subject: 'GREAT OFFER, by keys' });
    const alice = await visitor();
    const { page } = alice;
    const tabTo = (wanted) => until(async () => {
      await page.keyboard.press('Tab');
      return wanted.test(await alice.focused());
    }, `Tab reaches ${wanted}`);
    await alice.open('/quarantine');
    await page.keyboard.type('alice'); // the first field has the focus
    await page.keyboard.press('Tab');
    await page.keyboard.type(world.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
    await alice.settled();
    await page.keyboard.press('?');
    await alice.dialog().getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await alice.axe('keys');
    await page.keyboard.press('j');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    assert.equal(new URL(page.url()).pathname, '/quarantine', 'keys do nothing behind a dialog');
    await page.keyboard.press('Escape');
    await alice.dialog().waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.getByRole('heading', { name: 'Messages' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
    await alice.settled();
    await page.keyboard.press('/');
    await page.keyboard.type('keys gjrdxq?');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'keys gjrdxq?');
    assert.equal(await alice.dialog().count(), 0, 'keys do nothing while one types');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await until(async () => (await page.locator('.held-item').count()) === 1, 'the search finds one');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    assert.equal(await alice.focused(), 'GREAT OFFER, by keys');
    const ring = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      const around = getComputedStyle(document.activeElement.closest('.held-item'));
      return [style, around].some((one) => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2) || one.boxShadow !== 'none');
    });
    assert.ok(ring, 'the focus can be seen');
    await page.keyboard.press('Enter');
    await page.getByText('The whole story').waitFor();
    await page.keyboard.press('r');
    await alice.dialog().waitFor();
    await tabTo(/^Release/);
    await page.keyboard.press('Enter');
    await alice.notice('Released');
    await world.arrives('anna', 'by keys');
    await tabTo(/./);
    assert.notEqual(await alice.focused(), 'body', 'the focus is not lost');
  },

  'somebody who may not let in what waits is told; who may, lets it in': async ({ world, visitor }) => {
    assert.match(await world.send({ subject: 'PERHAPS good' }), /^451/);
    const alice = await visitor({ as: 'alice' });
    await alice.open('/waiting');
    await alice.page.getByText('info@good.example').first().waitFor();
    await alice.button(/Let in/).first().click();
    await alice.axe('let-in-dialog');
    await alice.button(/Let in/, alice.dialog()).click();
    await alice.page.getByText('let in at its next try').first().waitFor();
    await world.sendFine({ subject: 'PERHAPS good' });
    await world.arrives('anna', 'PERHAPS good');
    await alice.open('/waiting');
    await alice.page.getByText('Nobody is waiting').waitFor();
  },

  'what cannot be delivered is held on and dropped': async ({ world, visitor }) => {
    await world.sendFine({ to: ['someone@away.example'], subject: 'for later' });
    const alice = await visitor({ as: 'alice' });
    const { page } = alice;
    await until(async () => (await alice.api('GET', '/queue/destinations')).body.destinations.some((one) => one.last_reply), 'a failed attempt');
    await alice.open('/queue');
    await page.getByText('someone@away.example').first().waitFor();
    await page.getByText('try later').first().waitFor();
    const menu = page.getByRole('button', { name: 'Actions for away.example' });
    await menu.click();
    await alice.axe('queue-menu');
    await page.getByRole('menuitem', { name: 'Hold' }).click();
    await alice.button('Hold', alice.dialog()).click();
    await alice.notice('1 delivery on hold');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Drop' }).click();
    await alice.dialog().getByText('This cannot be taken back.').waitFor();
    await alice.button('Drop', alice.dialog()).click();
    await alice.notice('1 delivery dropped');
    await page.getByText('The queue is empty').waitFor();
  },
};

/** The only message in an archive locked with "infected". */
function openLocked(path) {
  return execFileSync('python3', ['-c', 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nn, = z.namelist()\nsys.stdout.buffer.write(z.read(n, b"infected"))', path]).toString('latin1');
}

/** The text of a message from its first archive on. */
function attachment(raw) {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const at = text.search(/Content-Type: application\/zip/i);
  assert.ok(at >= 0, `an archive in:\n${text.slice(0, 3000)}\n${bodyText(raw)}`);
  return text.slice(at);
}
