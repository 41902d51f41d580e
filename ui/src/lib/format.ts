// SPDX-License-Identifier: Apache-2.0
// Numbers, sizes and times as the reader's locale and zone have them.
import { locale } from '../text';

const whole = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const points = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });

export const number = (value: number) => whole.format(value);
export const short = (value: number) => compact.format(value);
export const score = (value: number) => points.format(value);
export const weight = (value: number) => signed.format(value).replace('-', '\u2212');
export const percent = (value: number) => percents.format(value);

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
export function bytes(value: number): string {
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    ++unit;
  }
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[unit]!,
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

export function millis(value: number): string {
  const seconds = value >= 1000;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: seconds ? 'second' : 'millisecond',
    unitDisplay: 'narrow',
    maximumFractionDigits: seconds || value < 10 ? 1 : 0,
  }).format(seconds ? value / 1000 : value);
}

const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockSeconds = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const full = new Intl.DateTimeFormat(locale, {
  weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  timeZoneName: 'long',
});

const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

/** Today only the clock, then the day too, last year's with the year. */
export function shortTime(time: Date, now = new Date()): string {
  if (sameDay(time, now)) return clock.format(time);
  if (time.getFullYear() === now.getFullYear()) return `${day.format(time)}, ${clock.format(time)}`;
  return dayYear.format(time);
}
export const longTime = (time: Date) => `${dayYear.format(time)}, ${clockSeconds.format(time)}`;
export const fullTime = (time: Date) => full.format(time);
export const clockTime = (time: Date) => clock.format(time);
export const dayTime = (time: Date) => `${day.format(time)}, ${clock.format(time)}`;
export const dayOnly = (time: Date) => dayYear.format(time);

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** "3 hours ago", "in 5 minutes" */
export function relativeTime(time: Date, now = new Date()): string {
  const seconds = Math.round((time.getTime() - now.getTime()) / 1000);
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'second');
}
