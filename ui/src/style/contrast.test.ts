// SPDX-License-Identifier: Apache-2.0
// WCAG 2.2: 1.4.3 (text 4.5:1) and 1.4.11 (what carries meaning 3:1), for both themes.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync('src/style/tokens.css', 'utf8');
const themes = { light: css.slice(css.indexOf(':root {'), css.indexOf('@media')), system: css.slice(css.indexOf('@media'), css.indexOf(":root[data-theme='dark']")), dark: css.slice(css.indexOf(":root[data-theme='dark']")) };

const luminance = (hex: string) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: string, b: string) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
};

const grounds = ['ground', 'surface', 'raised', 'sunken'];
const pairs: [string, string, number][] = [
  ...['text', 'text-2', 'text-3'].flatMap((ink) => [...grounds, 'accent-soft'].map((ground): [string, string, number] => [ink, ground, 4.5])),
  ...['ok', 'warn', 'held', 'bad', 'wait', 'calm'].flatMap((tone): [string, string, number][] => [[tone, `${tone}-soft`, 4.5], [tone, 'surface', 4.5]]),
  ...['ok', 'warn', 'held', 'bad', 'wait', 'calm'].flatMap((tone): [string, string, number][] => [['text', `${tone}-soft`, 4.5], ['text-2', `${tone}-soft`, 4.5]]),
  ['accent-text', 'accent-soft', 4.5], ['accent-text', 'surface', 4.5], ['accent-text', 'ground', 4.5], ['on-accent', 'accent-fill', 4.5], ['on-accent', 'accent-over', 4.5], ['on-danger', 'danger-fill', 4.5], ['on-danger', 'danger-over', 4.5],
  ['tip-text', 'tip', 4.5], ['edge', 'surface', 3], ['edge', 'ground', 3], ['edge', 'raised', 3], ['accent', 'surface', 3], ['accent', 'ground', 3],
];

describe.each(Object.entries(themes))('%s', (_, block) => {
  const colours = new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]));
  test.each(pairs)('%s on %s', (ink, ground, least) => {
    expect(contrast(colours.get(ink)!, colours.get(ground)!)).toBeGreaterThanOrEqual(least);
  });
});
