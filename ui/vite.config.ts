// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: {
    target: ['chrome105', 'firefox110', 'safari16'],
    assetsInlineLimit: 0, // the pages' CSP allows no data: but for pictures
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': process.env.MAILREEVE_API ?? 'http://127.0.0.1:8099' } },
});
