// SPDX-License-Identifier: Apache-2.0
// Words of the pages by key. A second language is one more file like en.ts, of type Catalogue, and a line here.
import { Fragment, type ReactNode } from 'react';
import { en } from './en';

export type Key = keyof typeof en;
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Catalogue = Record<Key, string | Plural>;

const catalogues: Record<string, Catalogue> = { en };

function choose(): string {
  for (const wanted of navigator.languages) {
    const language = wanted.split('-')[0]!;
    if (language in catalogues) return wanted;
  }
  return 'en';
}
/** With its region, which decides how numbers and dates look. */
export const locale = choose();
export const language = locale.split('-')[0]!;

const catalogue = catalogues[language]!;
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

export type Values = Record<string, string | number>;

function form(key: Key, values?: Record<string, unknown>): string {
  const text = catalogue[key];
  if (typeof text === 'string') return text;
  const count = values?.count;
  return (typeof count === 'number' ? text[plurals.select(count)] : undefined) ?? text.other;
}

export function t(key: Key, values?: Values): string {
  return form(key, values).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values?.[name];
    return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
  });
}

/** Is there such a key? For words that come from the gateway ("greylist") and may be newer than the pages. */
export function known(key: string): key is Key {
  return key in catalogue;
}
export function word(prefix: string, name: string): string {
  const key = prefix + name;
  return known(key) ? t(key) : name;
}

/** A sentence with elements in it. */
export function T({ k, v }: { k: Key; v: Record<string, ReactNode> }) {
  const parts = form(k, v).split(/\{(\w+)\}/);
  return (
    <>
      {parts.map((part, i) => {
        const value = i % 2 ? v[part] : part;
        return <Fragment key={i}>{typeof value === 'number' ? numbers.format(value) : value}</Fragment>;
      })}
    </>
  );
}
