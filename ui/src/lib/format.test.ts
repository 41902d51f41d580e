// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { bytes, millis, relativeTime, shortTime, weight } from './format';

describe('numbers', () => {
  test('sizes have the unit that fits', () => {
    expect(bytes(12)).toBe('12 bytes');
    expect(bytes(1)).toBe('1 byte');
    expect(bytes(48_211)).toBe('48 kB');
    expect(bytes(8_100_000_000)).toBe('8.1 GB');
  });
  test('weights always say their sign', () => {
    expect(weight(4)).toBe('+4.0');
    expect(weight(-0.5)).toBe('\u22120.5');
    expect(weight(0)).toBe('0.0');
  });
  test('long times are in seconds', () => {
    expect(millis(412)).toBe('412ms');
    expect(millis(2400)).toBe('2.4s');
  });
});

describe('times', () => {
  const now = new Date('2026-11-21T10:00:00Z');
  test('are in the reader’s zone, and as short as they can be', () => {
    expect(shortTime(new Date('2026-11-21T09:05:00Z'), now)).toBe('10:05');
    expect(shortTime(new Date('2026-11-19T09:05:00Z'), now)).toBe('19 Nov, 10:05');
    expect(shortTime(new Date('2025-11-19T09:05:00Z'), now)).toBe('19 Nov 2025');
  });
  test('relative ones take the largest unit', () => {
    expect(relativeTime(new Date('2026-11-21T09:00:00Z'), now)).toBe('1 hour ago');
    expect(relativeTime(new Date('2026-11-21T10:05:00Z'), now)).toBe('in 5 minutes');
    expect(relativeTime(new Date('2026-11-20T09:00:00Z'), now)).toBe('yesterday');
  });
});
