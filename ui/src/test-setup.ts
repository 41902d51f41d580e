// SPDX-License-Identifier: Apache-2.0
Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-GB', 'de'] }, configurable: true });
process.env.TZ = 'Europe/Vienna';
