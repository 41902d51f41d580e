// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { readProof } from './authentication';

describe('proofs in words', () => {
  test('a plain one', () => {
    expect(readProof('spf=pass partner.example')).toMatchObject({ sentence: 'partner.example lets this server send its mail.', tone: 'ok' });
  });
  test('SPF is about a domain, not about a person', () => {
    expect(readProof('spf=pass (ip4:127.0.0.1) s@sender.example').sentence).toBe('sender.example lets this server send its mail.');
  });
  test('with comment and reason', () => {
    expect(readProof('spf=fail (policy of shop.example) shop.example: -all matched')).toMatchObject({ subject: 'shop.example', comment: 'policy of shop.example', reason: '-all matched', tone: 'bad' });
  });
  test('a method nobody knows', () => {
    expect(readProof('x-new=pass example.org').sentence).toBe('X-NEW: fine for example.org.');
  });
  test('what is no such line is shown as it is', () => {
    expect(readProof('<script>')).toMatchObject({ sentence: '<script>', tone: 'calm' });
  });
});
