// SPDX-License-Identifier: Apache-2.0
// For development only: serves ui/dist and answers /api/v1 with made-up mail, nasty mail too.
//   node mock/server.mjs [--port 8099] [--role admin|reviewer|viewer|recipient|none|setup] [--empty] [--slow MS]
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checks, policies, toml } from './data.mjs';

const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : (process.argv[at + 1] ?? true);
};
const port = Number(option('port', 8099));
const empty = process.argv.includes('--empty');
const slow = Number(option('slow', 0));
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

let seed = 7;
const random = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
const pick = (list) => list[Math.floor(random() * list.length)];
const int = (from, to) => from + Math.floor(random() * (to - from + 1));
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z/, 'Z');
const id = () => '01K' + createHash('sha256').update(String(random())).digest('hex').slice(0, 23).toUpperCase();

const all = ['overview.read', 'messages.read', 'quarantine.read', 'quarantine.content', 'quarantine.act', 'waiting.read', 'waiting.act', 'queue.read', 'queue.content', 'queue.act', 'settings.read', 'doctor.read', 'learn.act', 'admin'];
const scopesOf = {
  admin: all, reviewer: all.filter((one) => !['admin', 'queue.content'].includes(one)), viewer: ['overview.read', 'messages.read', 'quarantine.read', 'waiting.read', 'queue.read', 'settings.read', 'doctor.read'], recipient: ['own'], none: [], setup: [],
};
let role = option('role', 'admin');
const session = () => ({
  kind: role === 'recipient' ? 'recipient' : scopesOf[role].length ? 'user' : 'none', name: role === 'recipient' ? 'anna@example.org' : scopesOf[role].length ? 'alice' : '',
  role: ['admin', 'reviewer', 'viewer'].includes(role) ? role : null, scopes: scopesOf[role], csrf: 'csrf', idle_end: ago(-1800), end: ago(-28800), needs_setup: role === 'setup',
  host: 'mx1.example.org', version: '0.1.0', sign_in: { link: true, directory: true },
});

const people = ['anna@example.org', 'bert@example.org', 'clara.von.und-zu-sonnenschein@example.org', 'sales@example.org', 'info@example.net', 'postmaster@example.org'];
const senders = ['news@shop.example', 'billing@paypa1-secure.example', 'noreply@github.example', 'ceo@example.org.attacker.example', 'invoice@bücher.example', 'x'.repeat(60) + '@very-long-domain-name-that-goes-on-and-on.subdomain.example.com', '', 'julia@partner.example', 'bounce+4711@mailer.example'];
const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const subjects = ['Your invoice 2026-1187 is overdue', nasty, 'Re: Offer for the new roof', '\u202Egpj.exe \u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD', 'فاتورة مستحقة الدفع', '紧急：您的邮箱即将停用', 'Urgent wire transfer needed today', '', 'A'.repeat(180), 'Won: a voucher worth 500 €!!! 🎁🎁🎁', 'Your parcel could not be delivered', 'Minutes of Tuesday’s meeting'];
const froms = ['PayPal Service <billing@paypa1-secure.example>', nasty + ' <evil@example.com>', '"Julia Sommer" <julia@partner.example>', 'שלום <rtl@example.com>', 'Shop News <news@shop.example>'];
const clients = ['203.0.113.77', '198.51.100.23', '192.0.2.10', '2001:db8:85a3::8a2e:370:7334', '203.0.113.5'];
const helos = ['mail.shop.example', 'mta7.mailer.example', 'localhost', '[203.0.113.77]', '<script>alert(3)</script>', 'static-203-0-113-77.dyn.provider.example'];
const verdictList = ['accept', 'accept', 'accept', 'accept', 'tag', 'greylist', 'quarantine', 'reject', 'reject', 'disconnect', 'defer', 'abort'];

const kinds = {
  reject: { decided: 'spf.fail', score: 8.2, reply: '550 5.7.23 [%] rejected: the sender’s domain does not permit this client (spf.fail)' },
  quarantine: { decided: 'score', score: 9.6, reply: '250 2.0.0 [%] accepted' }, tag: { decided: 'score', score: 5.7, reply: '250 2.0.0 [%] accepted' },
  greylist: { decided: 'spf.none', score: 4.4, reply: '451 4.7.1 [%] greylisted, please come back in 3 minutes' }, accept: { decided: '', score: -1.4, reply: '250 2.0.0 [%] accepted' },
  disconnect: { decided: 'rate.connections', score: 0, reply: '421 4.7.0 too many connections' }, defer: { decided: 'scan.unavailable', score: 1, reply: '451 4.3.0 [%] try again later' }, abort: { decided: '', score: 0, reply: '' },
};

const found = {
  reject: [['spf.fail', 4, '203.0.113.77 is not permitted by "v=spf1 ip4:192.0.2.0/24 -all" of shop.example', 'spf'], ['rdns.generic', 2, 'static-203-0-113-77.dyn.provider.example', 'rdns'], ['url.mismatch', 3, 'shows www.paypal.com, leads to evil.example.com/<b>login</b>', 'url'], ['helo.mismatch', 0.3, 'mail.shop.example is 192.0.2.10', 'helo'], ['dkim.none', 0, '', 'dkim'], ['bayes.ham', -1.1, 'like ham, 81 % sure', 'bayes']],
  quarantine: [['attachment.double-extension', 4, 'Invoice.pdf.exe', 'attachment'], ['from.lookalike', 4, 'examp1e.org looks like example.org', 'display'], ['dnsbl.spamhaus', 6, '203.0.113.77 is on zen.spamhaus.org: 127.0.0.4', 'dnsbl'], ['spf.pass', -0.5, 'examp1e.org', 'spf'], ['dkim.pass', -0.5, 'examp1e.org', 'dkim'], ['bayes.ham', -2, '', 'bayes'], ['dnswl', -1.4, 'list.dnswl.org', 'dnsbl']],
  tag: [['bayes.spam', 4.2, 'like spam, 97 % sure', 'bayes'], ['url.shortener', 0.5, 'bit.example', 'url'], ['header.no-date', 1, '', 'header']],
  greylist: [['spf.none', 0.5, 'shop.example publishes no SPF record', 'spf'], ['rdns.none', 1.5, '203.0.113.77 has no name', 'rdns'], ['header.no-message-id', 0.5, '', 'header'], ['helo.not-fqdn', 1.5, 'localhost', 'helo'], ['url.foreign', 0.4, '', 'url']],
  accept: [['spf.pass', -0.5, 'partner.example', 'spf'], ['dkim.pass', -0.5, 'partner.example', 'dkim'], ['dmarc.pass', -1, 'partner.example', 'dmarc'], ['url.qr', 0.6, 'a QR code leads to https://example.com/', 'url'], ['bulk.newsletter', 0, '', 'header']],
};
for (const name of ['disconnect', 'defer', 'abort']) found[name] = name === 'disconnect' ? [['pregreet', 3, 'said "EHLO x" 40 ms before we greeted', 'pregreet']] : [];

const story = (record) => {
  const list = found[record.verdict];
  const isMail = record.kind === 'transaction';
  return {
    session: { client: record.client, port: 51234, listener: 'mx', helo: record.helo, tls: random() > 0.3 ? 'TLSv1.3 TLS_AES_256_GCM_SHA384' : '', names: ['static-203-0-113-77.dyn.provider.example'], confirmed_name: random() > 0.5 ? 'static-203-0-113-77.dyn.provider.example' : '', name_status: 'found', ...(record.verdict === 'disconnect' ? { early_talker: true } : {}) },
    ...(isMail ? {
      sender: record.sender, size: 48211, from: ['shop.example'],
      authentication: record.verdict === 'accept' || record.verdict === 'quarantine' ? ['spf=pass partner.example', 'dkim=pass partner.example', 'dmarc=pass partner.example', 'iprev=pass 203.0.113.5', 'arc=none'] : ['spf=fail (policy of shop.example) shop.example: -all matched', 'dkim=none', 'dmarc=fail (p=quarantine) shop.example', 'iprev=fail 203.0.113.77'],
    } : {}),
    recipients: isMail ? record.recipients.map((address, i) => ({
      address, policy: i ? 'strict' : 'balanced', verdict: record.verdict, outcome: record.verdict, score: list.reduce((sum, one) => sum + one[1], 0), decided_by: record.decided_by,
      why: record.decided_by ? `${record.decided_by}: policy balanced says ${record.verdict}` : '', would_change: record.verdict === 'reject' ? 'without spf.fail it would be: tag (score 5.2 is 5.0 or more)' : record.verdict === 'accept' ? '' : 'a score lower by 1.6 would have let it in, tagged',
      findings: list.map(([code, weight]) => ({ code, weight, ...(code === record.decided_by ? { action: record.verdict } : {}) })),
    })) : [],
    refusals: record.recipients.length > 1 ? ['nobody@example.org: 550 5.1.1 no such recipient'] : [], handover: record.verdict === 'accept' ? ['anna@example.org: 250 2.0.0 Ok: queued as 4Vd2QW1'] : [],
    reply: record.reply, closed: isMail ? '' : 'the client closed the connection', findings: list.map(([code, weight, evidence, check]) => ({ code, weight, evidence, check })),
    content: isMail ? { parts: [{ place: '1.1', declared: 'text/plain', type: 'text/plain', size: 1822 }, { place: '1.2', declared: 'text/html', type: 'text/html', size: 22113 }, { place: '2', name: record.verdict === 'quarantine' ? 'Invoice.pdf.exe' : nasty + '.pdf', declared: 'application/pdf', type: 'application/vnd.microsoft.portable-executable', size: 883112, sha256: createHash('sha256').update('x').digest('hex') }, { place: '2!secret.zip', name: 'secret.zip', declared: '', type: 'application/zip', size: 12, encrypted: true }], hosts: ['shop.example', 'evil.example.com', 'xn--bcher-kva.example'], links: 14, language: 'en' } : undefined,
    check_ms: { dnsbl: 84.2, rdns: 21.7, spf: 12.9, dkim: 3.1, content: 41.5, virus: 112.6, bayes: 1.2, url: 0.4 }, ms: 412,
    look_ups: [{ name: 'shop.example', type: 'TXT', status: 'found', secure: true, records: ['"v=spf1 ip4:192.0.2.0/24 -all"'] }, { name: '77.113.0.203.in-addr.arpa', type: 'PTR', status: 'found', records: ['static-203-0-113-77.dyn.provider.example.'] }, { name: '77.113.0.203.zen.spamhaus.org', type: 'A', status: 'nxdomain' }],
  };
};

const history = empty ? [] : Array.from({ length: 240 }, (_, i) => {
  const verdict = i < verdictList.length ? verdictList[i] : pick(verdictList);
  const kind = verdict === 'disconnect' || (verdict === 'abort' && i % 2) ? 'connection' : 'transaction';
  const key = id();
  const form = kinds[verdict];
  return {
    id: key, time: ago(i * 173 + int(0, 90)), kind, client: pick(clients), helo: pick(helos), listener: 'mx', sender: kind === 'transaction' ? pick(senders) : '', recipients: kind === 'transaction' ? (i % 5 === 3 ? people.slice(0, 3) : [pick(people)]) : [],
    verdict, reply: form.reply.replace('%', key), decided_by: form.decided, score: found[verdict].reduce((sum, one) => sum + one[1], 0), findings: found[verdict].map((one) => one[0]),
  };
});

const whys = ['Its sender’s domain examp1e.org looks like example.org', 'It carries a program: Invoice.pdf.exe', 'Its score of 9.6 is 8.0 or more', 'The sender’s domain says that this client may not send for it', nasty];
const held = empty ? [] : Array.from({ length: 64 }, (_, i) => ({
  id: id(), time: ago(i * 5400 + 300), expires: ago(i * 5400 - 30 * 86400), kind: i % 3 === 1 ? 'refused' : 'held', sender: pick(senders), from: i < 5 ? froms[i] : pick(froms), subject: i < subjects.length ? subjects[i] : pick(subjects),
  recipients: (i % 6 === 2 ? people.slice(0, 3) : [people[i % 3]]).map((address, j) => ({ address, state: i % 7 === 3 ? 'asked' : i > 50 ? (i % 2 ? 'released' : 'deleted') : j === 2 ? 'released' : 'waiting', changed: j === 2 || i > 50 ? ago(600) : null, by: j === 2 || i > 50 ? 'bert' : '' })),
  client: pick(clients), policy: 'balanced', decided_by: i % 3 === 1 ? 'spf.fail' : i % 2 ? 'attachment.dangerous' : 'score', why: whys[i % whys.length], score: 8 + (i % 12) * 0.9, findings: found.quarantine.map((one) => one[0]), size: 48211 * (1 + (i % 9)), attachments: i % 2 ? [] : ['Invoice.pdf.exe', nasty + '.zip'].slice(0, 1 + (i % 4 === 0)),
}));
for (const [i, item] of held.entries()) if (i < history.length) history[i].held = item.id;
const actions = [];
const audit = empty ? [] : [
  ['alice', '192.0.2.44', 'quarantine.release', held[0].id, 'to anna@example.org'], ['bert', '192.0.2.45', 'quarantine.preview', held[1].id, ''], ['token monitoring (alice)', '192.0.2.46', 'session.begin', 'monitoring', ''], ['local operator', '', 'user.add', 'bert', 'role reviewer'], ['anna@example.org', '198.51.100.9', 'quarantine.ask', held[3].id, ''], ['alice', '192.0.2.44', 'token.add', 'monitoring', 'overview.read'], ['link', '203.0.113.9', 'quarantine.release', held[2].id, nasty], ['alice', '192.0.2.44', 'session.refused', 'alice', 'wrong password'],
].flatMap((row) => [row, row, row]).map(([who, from, action, object, detail], i) => ({ time: ago(i * 1900 + 40), who, from, action, object, detail }));
const waiting = empty ? [] : Array.from({ length: 14 }, (_, i) => ({ id: history[i].id, kind: i % 4 === 3 ? 'defer' : 'greylist', time: ago(i * 300 + 60), first: ago(i * 900 + 400), tries: 1 + (i % 4), ready: i % 4 === 3 ? null : ago(i * 60 - 150), sender: pick(senders), recipients: i % 5 === 1 ? people.slice(0, 3) : [pick(people)], client: pick(clients), why: i % 4 === 3 ? 'scan.unavailable: it could not be examined' : 'spf.none: unknown sender, first seen', let_in: i === 2 }));
const queue = empty ? [] : Array.from({ length: 22 }, (_, i) => ({
  id: id(), accepted: ago(i * 4000 + 200), size: 20111 * (i + 1), sha256: 'a'.repeat(64), sender: i % 6 === 5 ? null : pick(senders) || null, client: pick(clients), helo: pick(helos), listener: 'mx', damaged: i === 7,
  recipients: (i % 4 === 1 ? people.slice(0, 3) : [pick(people)]).map((address, j) => ({ number: j, address, destination: i % 3 ? 'smtp://10.0.0.25:25' : 'lmtp+unix:///run/tickets/lmtp', state: ['queued', 'queued', 'held', 'refused', 'expired'][(i + j) % 5], attempts: i + j, ...((i + j) % 5 < 2 ? { due: ago(-i * 90 - 60) } : {}), reply: i ? '451 4.3.0 Temporary lookup failure <script>alert(4)</script>' : '', owner: '' })),
}));
const destinations = () => (empty ? [] : [
  { destination: 'smtp://10.0.0.25:25', queued: 17, held: 2, refused: 1, expired: 0, bytes: 8_211_000, oldest: ago(7700), next: ago(-140), last_reply: '451 4.3.0 Temporary lookup failure', active: 2 },
  { destination: 'lmtp+unix:///run/tickets/lmtp', queued: 4, held: 0, refused: 0, expired: 3, bytes: 411_000, oldest: ago(90_000), next: null, last_reply: 'cannot connect: No such file or directory', active: 0 },
]);
const users = [{ name: 'alice', role: 'admin', created: ago(9e6), last_sign_in: ago(500), disabled: false }, { name: 'bert', role: 'reviewer', created: ago(4e6), last_sign_in: ago(90_000), disabled: false }, { name: 'mallory', role: 'viewer', created: ago(2e6), last_sign_in: null, disabled: true }];
const tokens = empty ? [] : [{ id: 't1', name: 'monitoring', owner: 'alice', scopes: ['overview.read', 'queue.read'], created: ago(8e5), last_used: ago(30), expires: ago(-6e6), revoked: false }, { id: 't2', name: 'old script', owner: 'alice', scopes: ['learn.act'], created: ago(8e6), last_used: null, expires: null, revoked: true }];
const own = { address: 'anna@example.org', policy: 'balanced', policies: [{ name: 'balanced', label: 'Balanced: spam is held' }, { name: 'newsletters', label: 'I like newsletters' }, { name: 'strict', label: 'Strict: when in doubt, hold it' }], digest: 'daily', digests: ['never', 'hourly', 'daily', 'weekdays', 'weekly'], allow: empty ? [] : ['julia@partner.example', 'shop.example'], block: empty ? [] : ['casino.example'] };

const verdictNames = ['accept', 'tag', 'greylist', 'quarantine', 'reject', 'disconnect', 'defer', 'abort'];
function overview(range) {
  const step = { '1h': 60, '24h': 900, '7d': 7200 }[range];
  const count = { '1h': 60, '24h': 96, '7d': 84 }[range];
  const buckets = Array.from({ length: count }, (_, i) => {
    const wave = 1 + Math.sin(i / 9) * 0.5 + Math.random() * 0.4;
    const scale = empty ? 0 : wave * (step / 60);
    const bucket = { time: ago((count - i) * step) };
    const shares = { accept: 14, tag: 1.6, greylist: 2.4, quarantine: 1.1, reject: 6, disconnect: 0.4, defer: 0.3, abort: 0.2 };
    for (const name of verdictNames) bucket[name] = Math.round(shares[name] * scale * (0.6 + Math.random() * 0.8));
    return bucket;
  });
  const totals = Object.fromEntries(verdictNames.map((name) => [name, buckets.reduce((sum, bucket) => sum + bucket[name], 0)]));
  return {
    time: ago(0), range, step, buckets, totals,
    top_findings: empty ? [] : [['spf.fail', 312], ['dnsbl.spamhaus', 240], ['rdns.generic', 201], ['url.mismatch', 88], ['bayes.spam', 71], ['dmarc.reject', 44], ['attachment.double-extension', 17], ['from.lookalike', 9]].map(([code, n]) => ({ code, count: n })),
    queue: empty ? { messages: 0, queued: 0, held: 0, refused: 0, expired: 0, bytes: 0, oldest: null } : { messages: 24, queued: 21, held: 2, refused: 1, expired: 3, bytes: 8_622_000, oldest: ago(90_000) },
    quarantine: empty ? { held: 0, refused: 0, asked: 0, bytes: 0, limit: 10e9 } : { held: 41, refused: 23, asked: 8, bytes: 8.1e9, limit: 10e9 }, sessions: empty ? 0 : int(3, 30),
    health: [{ name: 'dns', state: 'ok', detail: '2 resolvers answer, 11 ms', since: ago(9e5) }, { name: 'clamd', state: 'ok', detail: 'signatures of 3 h ago', since: ago(9e4) }, { name: 'recipients directory', state: empty ? 'ok' : 'warning', detail: empty ? '' : 'answers in 2.4 s, usually 20 ms', since: ago(700) }, { name: 'list zen.spamhaus.org', state: empty ? 'off' : 'failing', detail: empty ? '' : 'refuses us: it answers 127.255.255.254 (open resolver)', since: ago(5000) }, { name: 'disk', state: 'ok', detail: '81 GB free', since: null }, { name: 'store', state: 'ok', detail: '', since: null }, { name: 'rspamd', state: 'off', detail: 'not set up', since: null }],
    attention: empty ? [] : [{ severity: 'warning', code: 'quarantine.filling', text: 'The quarantine is 81 % full; at 100 % new mail is refused for now.', page: 'quarantine' }, { severity: 'error', code: 'list.refused', text: 'zen.spamhaus.org refuses to answer us: it is not counted.', page: 'settings' }, { severity: 'info', code: 'asked', text: '8 recipients ask for mail.', page: 'quarantine' }],
  };
}

const previewOf = () => ({
  headers: [['From', nasty + ' <billing@paypa1-secure.example>'], ['To', 'anna@example.org'], ['Subject', subjects[0]], ['Date', 'Sat, 21 Nov 2026 10:00:00 +0100'], ['Message-ID', '<4711@paypa1-secure.example>'], ['X-Mailer', 'RTL \u202Etxet']].map(([name, value]) => ({ name, value })),
  raw_header: 'Received: from mail.shop.example ([203.0.113.77])\r\n\tby mx1.example.org\r\nFrom: ' + nasty + '\r\nSubject: Your invoice\r\n', text: 'Dear customer,\n\nyour account is limited. Please confirm your data at\nhttps://www.paypal.com/confirm\n\n' + nasty + '\n\n' + 'A very long line without any break '.repeat(12), has_html: true,
  attachments: [{ place: '2', name: 'Invoice.pdf.exe', declared: 'application/pdf', type: 'application/vnd.microsoft.portable-executable', size: 883112, sha256: createHash('sha256').update('x').digest('hex'), encrypted: false, categories: ['executable'] }, { place: '3', name: nasty + '.zip', declared: 'application/zip', type: 'application/zip', size: 120, sha256: createHash('sha256').update('y').digest('hex'), encrypted: true, categories: ['archive'] }],
  links: [{ shown: 'https://www.paypal.com/confirm', url: 'https://evil.example.com/login?x=' + 'a'.repeat(120), host: 'evil.example.com' }, { shown: 'Unsubscribe', url: 'https://shop.example/u/1', host: 'shop.example' }, { shown: nasty, url: 'javascript:alert(5)', host: '' }], blocked: { images: 4, scripts: 1, forms: 1, frames: 0 }, truncated: false,
});
const previewHtml = '<!doctype html><meta charset="utf-8"><body style="font-family:sans-serif;margin:20px"><h2 style="color:#123">PayPal</h2><p>Dear customer,</p><p>your account is <b>limited</b>. Please <u>confirm your data</u>.</p><script>parent.document.title="PWNED"</script><p>A picture stood here.</p></body>';

const paged = (list, url, name, key, cursor) => {
  const limit = Number(url.searchParams.get('limit') ?? 50);
  const start = Number(url.searchParams.get(cursor) ?? 0);
  const page = list.slice(start, start + limit);
  return { [name]: page, ...(start + limit < list.length ? { next: String(start + limit) } : key === 'queue' ? { next: '' } : {}) };
};
const has = (text, ...values) => !text || values.some((value) => String(value).toLowerCase().includes(text.toLowerCase()));

function api(request, url, body) {
  const path = url.pathname.slice('/api/v1'.length);
  const q = (name) => url.searchParams.get(name) ?? '';
  const method = request.method;
  const is = (verb, pattern) => method === verb && new RegExp(`^${pattern}$`).exec(path);
  let m;
  if (is('GET', '/session')) return session();
  if (is('POST', '/session')) {
    if (body.password === 'wrong') return [401, { title: 'Not signed in', status: 401, detail: 'The name or the password is wrong.' }];
    if (body.password === 'many') return [429, { title: 'Too many attempts', status: 429 }];
    role = body.name.includes('@') ? 'recipient' : ['reviewer', 'viewer'].includes(body.name) ? body.name : 'admin';
    return session();
  }
  if (is('POST', '/setup')) return (role = 'admin'), session();
  if (is('DELETE', '/session')) return (role = 'none'), [204];
  if (is('PUT', '/session/password')) return body.old === 'wrong' ? [401, { title: 'Wrong password', detail: 'The present password is not right.' }] : [204];
  if (is('POST', '/session/link')) return [202, {}];
  if (is('POST', '/session/token')) return (role = 'recipient'), session();
  if (is('POST', '/link/show')) {
    if (body.token === 'gone') return [410, { title: 'Gone', detail: 'It was used.' }];
    const action = body.token.replace(/-/g, '_');
    return { action: ['release', 'release_and_allow', 'ask', 'delete', 'delete_and_block', 'sign_in'].includes(action) ? action : 'release', address: 'anna@example.org', from: nasty + ' <news@shop.example>', subject: subjects[1], time: ago(9000), kind: action === 'ask' ? 'refused' : action === 'sign_in' ? null : 'held', expires: ago(-86400 * 3) };
  }
  if (is('POST', '/link/act')) return { action: 'release', changed: 1, detail: 'It is on its way to anna@example.org.' };
  if (role === 'none' || role === 'setup') return [401, { title: 'Sign in first', status: 401 }];
  if (is('GET', '/overview')) return overview(q('range') || '1h');
  if (is('GET', '/history')) return paged(history.filter((r) => (!q('verdict') || r.verdict === q('verdict')) && (!q('finding') || r.findings.includes(q('finding'))) && has(q('from'), r.sender) && has(q('to'), ...r.recipients) && has(q('text'), r.sender, r.helo, r.id, ...r.recipients) && (!q('since') || Date.parse(r.time) >= Number(q('since')))), url, 'records', '', 'before');
  if ((m = is('GET', '/history/([^/]+)'))) {
    const record = history.find((r) => r.id === decodeURIComponent(m[1]));
    if (!record) return [404, { title: 'Not found', detail: 'There is no such message in the history.' }];
    return { ...record, story: story(record), deliveries: record.verdict === 'accept' || record.verdict === 'tag' ? [{ time: ago(60), recipient: record.recipients[0] ?? '', outcome: 'deferred', reply: '451 4.3.0 try later' }, { time: ago(30), recipient: record.recipients[0] ?? '', outcome: 'delivered', reply: '250 2.0.0 Ok: queued as 4Vd2QW1' }] : [], log: [`2026-11-21T10:00:00Z info smtp session=${record.id} connect client=203.0.113.77`, `2026-11-21T10:00:01Z info verdict id=${record.id} action=${record.verdict} decided-by=spf.fail`], log_complete: false, held: record.held ?? null };
  }
  if (is('GET', '/quarantine')) return paged(held.filter((item) => has(q('text'), item.subject, item.from, item.sender) && has(q('sender'), item.sender, item.from) && has(q('subject'), item.subject) && has(q('recipient'), ...item.recipients.map((r) => r.address)) && (!q('kind') || item.kind === q('kind')) && (q('state') === 'any' || item.recipients.some((r) => (q('state') ? r.state === q('state') : ['waiting', 'asked'].includes(r.state))))), url, 'items', '', 'cursor');
  if (is('POST', '/quarantine/actions')) {
    const results = body.ids.map((one) => {
      const item = held.find((h) => h.id === one);
      const state = { release: 'released', release_and_allow: 'released', delete: 'deleted' }[body.action];
      for (const recipient of item?.recipients ?? []) if (state && (!body.recipients || body.recipients.includes(recipient.address))) Object.assign(recipient, { state, changed: ago(0), by: 'alice' });
      actions.unshift({ id: one, time: ago(0), who: 'alice', from: '192.0.2.44', action: `quarantine.${body.action}`, object: one, detail: body.reason ?? '' });
      return { id: one, ok: !!item, changed: 1, detail: item ? item.recipients.map((r) => r.address).join(', ') : 'it is gone' };
    });
    return { results };
  }
  if ((m = is('GET', '/(?:own/)?quarantine/([^/]+)/preview'))) return previewOf();
  if ((m = is('GET', '/quarantine/([^/]+)'))) {
    const item = held.find((h) => h.id === decodeURIComponent(m[1]));
    if (!item) return [404, { title: 'Not found', detail: 'There is no such message in the quarantine.' }];
    const record = { ...history[6], verdict: item.kind === 'held' ? 'quarantine' : 'reject', decided_by: item.decided_by, recipients: item.recipients.map((r) => r.address), kind: 'transaction', sender: item.sender };
    return { ...item, transaction: history[6].id, story: story(record), actions: [...actions.filter((a) => a.id === item.id), ...(held.indexOf(item) % 2 ? [] : audit.slice(0, 2))] };
  }
  if (is('GET', '/waiting') || is('GET', '/own/waiting')) return paged(waiting.filter((w) => has(q('text'), w.sender, w.client, ...w.recipients)), url, 'items', '', 'cursor');
  if (is('POST', '/(own/)?waiting/let-in')) return { results: body.ids.map((one) => (Object.assign(waiting.find((w) => w.id === one) ?? {}, { let_in: true }), { id: one, ok: true, changed: 1, detail: 'at its next try' })) };
  if (is('GET', '/queue/destinations')) return { destinations: destinations() };
  if (is('GET', '/queue')) return paged(queue.filter((entry) => (!q('state') || entry.recipients.some((r) => r.state === q('state'))) && (!q('destination') || entry.recipients.some((r) => r.destination === q('destination'))) && has(q('recipient'), ...entry.recipients.map((r) => r.address))), url, 'messages', 'queue', 'after');
  if (is('POST', '/queue/.*')) return { changed: 3 };
  if (is('GET', '/settings')) return { toml, file: '/etc/mailreeve/mailreeve.toml', loaded: ago(86400), policies, domains: empty ? [] : [{ name: 'example.org', policy: 'balanced', deliver: 'smtp://10.0.0.25:25', aliases: ['example.net'], may_choose: ['newsletters', 'strict'] }, { name: 'tickets.example.org', policy: '', deliver: 'lmtp+unix:///run/tickets/lmtp', aliases: [], may_choose: [] }], checks, stats_since: ago(7 * 86400) };
  if (is('GET', '/doctor')) return { available: false, results: [] };
  if (is('GET', '/users')) return { users };
  if (is('POST', '/users')) return users.push({ name: body.name, role: body.role, created: ago(0), last_sign_in: null, disabled: false }), [201, users.at(-1)];
  if ((m = is('PATCH', '/users/([^/]+)'))) return Object.assign(users.find((u) => u.name === m[1]), { role: body.role ?? users.find((u) => u.name === m[1]).role, disabled: body.disabled ?? false });
  if ((m = is('DELETE', '/users/([^/]+)'))) return users.splice(users.findIndex((u) => u.name === m[1]), 1), [204];
  if (is('GET', '/tokens')) return { tokens };
  if (is('POST', '/tokens')) return tokens.unshift({ id: randomUUID(), name: body.name, owner: 'alice', scopes: body.scopes, created: ago(0), last_used: null, expires: body.expires, revoked: false }), [201, { token: tokens[0], secret: 'mrt_' + createHash('sha256').update(randomUUID()).digest('hex') }];
  if ((m = is('DELETE', '/tokens/([^/]+)'))) return (tokens.find((t) => t.id === m[1]).revoked = true), [204];
  if (is('GET', '/audit')) return paged(audit.filter((a) => has(q('object'), a.object) && has(q('who'), a.who) && has(q('action'), a.action)), url, 'entries', '', 'cursor');
  if (is('GET', '/own/quarantine')) return paged(held.filter((h) => (q('state') === 'any' || h.recipients[0].state !== 'released') && has(q('text'), h.subject, h.from)).slice(0, 24).map((h, i) => ({ id: h.id, time: h.time, expires: h.expires, kind: h.kind, state: h.recipients[0].state, from: h.from, sender: h.sender, subject: h.subject, size: h.size, attachments: h.attachments, why: h.why, declined: i % 6 === 1, can_release: i % 3 !== 1 })), url, 'items', '', 'cursor');
  if (is('POST', '/own/actions')) {
    for (const one of body.ids) Object.assign(held.find((h) => h.id === one).recipients[0], { state: body.action === 'ask' ? 'asked' : body.action.startsWith('delete') ? 'deleted' : 'released' });
    return { results: body.ids.map((one) => ({ id: one, ok: true, changed: 1, detail: '' })) };
  }
  if (is('GET', '/own/settings')) return own;
  if (is('PUT', '/own/settings')) return Object.assign(own, body);
  if (is('POST', '/own/lists')) {
    if (body.op === 'add' && !/[.]/.test(body.entry)) return [422, { title: 'Not an address', detail: `"${body.entry}" is neither an address nor a domain.` }];
    own[body.list] = body.op === 'add' ? [...own[body.list], body.entry] : own[body.list].filter((one) => one !== body.entry);
    return own;
  }
  return [404, { title: 'Not found', status: 404, detail: 'there is nothing at this address' }];
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/api/v1/events') {
    if (process.argv.includes('--no-live')) return response.writeHead(503).end();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const send = () => response.write(`event: overview\ndata: ${JSON.stringify(overview('1h'))}\n\n`);
    send();
    const timer = setInterval(send, 5000);
    return request.on('close', () => clearInterval(timer));
  }
  if (url.pathname.endsWith('/preview.html')) return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox" }).end(previewHtml);
  if (url.pathname.endsWith('/eml')) return response.writeHead(200, { 'Content-Type': 'application/zip', 'Content-Disposition': 'attachment; filename="message.zip"' }).end('PK');
  if (url.pathname.startsWith('/api/v1/')) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'POST' && url.pathname === '/api/v1/mock/role') {
      role = JSON.parse(Buffer.concat(chunks).toString()).role;
      return response.writeHead(204).end();
    }
    const answer = api(request, url, chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {});
    const [status, value] = Array.isArray(answer) ? answer : [200, answer];
    if (slow) await new Promise((done) => setTimeout(done, slow));
    response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'Cache-Control': 'no-store', ...(status === 429 ? { 'Retry-After': '30' } : {}) });
    return response.end(value === undefined ? undefined : JSON.stringify(value));
  }
  const file = join(dist, normalize(url.pathname));
  const path = file.startsWith(dist) && extname(file) && existsSync(file) ? file : join(dist, 'index.html');
  response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': csp, 'X-Content-Type-Options': 'nosniff' });
  response.end(readFileSync(path));
});
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/ as ${role}`));
