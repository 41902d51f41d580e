// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { en } from './en';
import { t, type Key } from '.';

const sources = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
  const path = `${folder}/${entry.name}`;
  return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(path) && !path.includes('.test.') && !path.includes('/text/') ? [readFileSync(path, 'utf8')] : [];
});

describe('the catalogue', () => {
  test('plurals are chosen by count, numbers are grouped', () => {
    expect(t('list.marked', { count: 1 })).toBe('1 marked');
    expect(t('list.marked', { count: 12_345 })).toBe('12,345 marked');
  });
  test('what has no value stays visible', () => {
    expect(t('account.at')).toContain('{host}');
  });
  test('no entry is unused', () => {
    const text = sources('src').join('\n');
    const heads = [...text.matchAll(/[`'"]([a-z_]+\.(?:[a-z_]+\.)*)(?:\$\{|['"],)/g)].map((match) => match[1]!);
    const tails = [...text.matchAll(/`\$\{[^`]*\}(\.[a-z_]+)`/g)].map((match) => match[1]!);
    const unused = (Object.keys(en) as Key[]).filter((key) => !text.includes(`'${key}'`) && !text.includes(`"${key}"`) && !heads.some((head) => key.startsWith(head)) && !tails.some((tail) => key.endsWith(tail)));
    expect(unused).toEqual([]);
  });
});
