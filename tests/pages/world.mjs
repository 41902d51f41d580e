// SPDX-License-Identifier: Apache-2.0
// The gateway under test as seen from outside its pages: mail by SMTP, Maildirs, its own commands.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const deadline = Number(process.env.MAILREEVE_PAGES_DEADLINE ?? 20) * 1000; // ms that anything may take

/** Asks again until `condition` gives something true, which is returned. */
export async function until(condition, what, most = deadline) {
  const end = Date.now() + most;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${most / 1000} s in vain: ${what}`);
    await pause(25);
  }
}

const octets = (text) => (Buffer.isBuffer(text) ? text : Buffer.from(text, 'utf8'));

/** A message; header values go in as they are. */
export function letter({ author = 'Offers <info@good.example>', shown = '<anna@example.org>', subject = 'hello', text = 'Good day.', html, files = [], headers = [], id }) {
  const lines = [`From: ${author}`, `To: ${shown}`, `Subject: ${subject}`, `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: ${id ?? `<${Math.random().toString(36).slice(2)}@good.example>`}`, ...headers, 'MIME-Version: 1.0'];
  const parts = [['Content-Type: text/plain; charset=utf-8', text.replace(/\r?\n/g, '\r\n')]];
  if (html) parts.push(['Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64', octets(html).toString('base64').replace(/.{76}/g, '$&\r\n')]);
  for (const file of files) {
    parts.push([file.header ?? `Content-Type: ${file.type ?? 'application/octet-stream'}; name="${file.name}"\r\nContent-Disposition: attachment; filename="${file.name}"`,
      octets(file.content ?? 'x').toString('base64').replace(/.{76}/g, '$&\r\n'), 'base64']);
  }
  if (parts.length === 1) return octets(`${lines.join('\r\n')}\r\n${parts[0][0]}\r\n\r\n${parts[0][1]}\r\n`);
  const body = parts.map(([head, content, encoding]) => `--b\r\n${head}\r\n${encoding ? `Content-Transfer-Encoding: ${encoding}\r\n` : ''}\r\n${content}\r\n`).join('');
  return octets(`${lines.join('\r\n')}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${body}--b--\r\n`);
}

export class World {
  constructor(facts) {
    Object.assign(this, facts); // base, port, directory, config, binary, log
  }

  /** One SMTP transaction; answers the last reply. What the gateway refuses on the way ends it with that reply. */
  async send({ sender = 'info@good.example', to = ['anna@example.org'], helo = 'mx.good.example', client = '198.51.100.10', data, ...rest }) {
    const socket = connect(this.port, '127.0.0.1');
    socket.setTimeout(deadline, () => socket.destroy(new Error('the gateway says nothing')));
    let buffer = '';
    const replies = [];
    let wake = () => undefined;
    let broken = null;
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (let end; (end = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(buffer)); buffer = buffer.slice(end[0].length)) replies.push(end[0].trimEnd());
      wake();
    });
    socket.on('error', (error) => ((broken = error), wake()));
    socket.on('close', () => ((broken ??= new Error('closed')), wake()));
    const reply = async () => {
      while (!replies.length) {
        if (broken) throw broken;
        await new Promise((resolve) => (wake = resolve));
      }
      return replies.shift();
    };
    const ask = async (line) => (socket.write(line), reply());
    try {
      let answer = await ask(`PROXY TCP4 ${client} 192.0.2.1 40000 25\r\n`);
      for (const line of [`EHLO ${helo}`, `MAIL FROM:<${sender}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
        answer = await ask(`${line}\r\n`);
        if (/^[45]/.test(answer)) return answer;
      }
      const body = data ?? letter(rest);
      answer = await ask(Buffer.concat([Buffer.from(octets(body).toString('latin1').replace(/^\./gm, '..'), 'latin1'), Buffer.from('.\r\n')]));
      socket.write('QUIT\r\n');
      return answer;
    } finally {
      socket.destroy();
    }
  }

  async sendFine(mail) {
    const answer = await this.send(mail);
    if (!answer.startsWith('250')) throw new Error(`not taken: ${answer}`);
  }

  /** The messages in somebody's Maildir, oldest first. */
  maildir(user, domain = 'example.org') {
    const found = [];
    for (const folder of ['new', 'cur']) {
      const path = join(this.directory, 'mail', domain, user, folder);
      for (const name of existsSync(path) ? readdirSync(path) : []) found.push({ time: statSync(join(path, name)).mtimeMs, data: readFileSync(join(path, name)) });
    }
    return found.sort((a, b) => a.time - b.time).map((one) => one.data);
  }

  /** Those whose subject holds `subject`. */
  received(user, subject, domain) {
    return this.maildir(user, domain).filter((data) => new RegExp(`^Subject: .*${subject.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'm').test(data.toString().split(/\r?\n\r?\n/)[0]));
  }

  arrives(user, subject, count = 1) {
    return until(() => this.received(user, subject).length >= count && this.received(user, subject), `"${subject}" for ${user}`);
  }

  command(args, input = '') {
    return new Promise((resolve, reject) => {
      const child = execFile(this.binary, [...args, '--config', this.config], { timeout: deadline, cwd: this.directory, encoding: 'buffer', maxBuffer: 1 << 26 },
        (error, stdout, stderr) => (error ? reject(new Error(`mailreeve ${args.join(' ')}: ${stderr}${stdout}`)) : resolve(stdout)));
      child.stdin.end(input);
    });
  }

  addUser(name, role) {
    return this.command(['user', 'add', name, '--role', role, '--password-stdin'], `${this.password}\n`);
  }

  /** What the gateway wrote to its log and standard error. */
  logText() {
    return readFileSync(this.log, 'utf8');
  }

  /** The one-time secret out of a mailed sign-in link. */
  async signInLink(request, user) {
    const before = this.received(user, 'Sign in').length;
    const answer = await request.post(`${this.base}/api/v1/session/link`, { data: { address: `${user}@example.org` } });
    if (answer.status() !== 202) throw new Error(`no link: ${answer.status()} ${await answer.text()}`);
    const mails = await this.arrives(user, 'Sign in', before + 1);
    return /http\S+\/sign-in#\S+/.exec(bodyText(mails.at(-1)))[0];
  }

  /** The links of a recipient's new digest by their words, those of the first message told. */
  async digest(user, count = 1) {
    await this.command(['quarantine', 'digest', '--now', `${user}@example.org`]);
    const mails = await this.arrives(user, 'kept back for you', count);
    const text = bodyText(mails.at(-1));
    const links = {};
    for (const [, words, link] of text.matchAll(/^ {2}([A-Z][a-z ]+): (http\S+)/gm)) links[words] ??= link;
    return { raw: mails.at(-1), text, html: bodyText(mails.at(-1), 'text/html'), links };
  }
}

/** The decoded text of the first part of a kind. */
export function bodyText(raw, kind = 'text/plain') {
  const read = (text) => {
    const at = text.indexOf('\r\n\r\n');
    const head = text.slice(0, at).replace(/\r\n[ \t]+/g, ' ');
    const body = text.slice(at + 4);
    const type = /^content-type:\s*([^;\s]+)/im.exec(head)?.[1]?.toLowerCase() ?? 'text/plain';
    if (type.startsWith('multipart/')) {
      const boundary = /boundary="?([^";\s]+)/i.exec(head)[1];
      for (const part of body.split(`--${boundary}`).slice(1)) {
        const found = read(part.replace(/^\r\n/, ''));
        if (found !== null) return found;
      }
      return null;
    }
    if (type !== kind) return null;
    const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(head)?.[1]?.toLowerCase();
    if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
    if (encoding === 'quoted-printable') return Buffer.from(body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
    return Buffer.from(body, 'latin1').toString();
  };
  return read(raw.toString('latin1').replace(/\r?\n/g, '\r\n'));
}
