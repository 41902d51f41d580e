// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: {
    target: ['chrome105', 'firefox110', 'safari16'],
    assetsInlineLimit: 0, // the pages' CSP allows no data: but for pictures
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: { setupFiles: ['src/test-setup.ts'], include: ['src/**/*.test.{ts,tsx}'] },
  server: { proxy: { '/api': process.env.MAILREEVE_API ?? 'http://127.0.0.1:8099' } },
});
