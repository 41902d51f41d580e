// SPDX-License-Identifier: Apache-2.0
// Our own line icons on a grid of 20, drawn with the colour of the text beside them.
const paths = {
  overview: 'M3 16.5h14M5.5 13.5v-3M10 13.5v-8M14.5 13.5v-5.5',
  messages: 'M3 5.5h14v9.5H3zM3.3 6l6.7 5 6.7-5',
  quarantine: 'M3 4h14v3.5H3zM4.2 7.5v8.5h11.6V7.5M8 10.8h4',
  waiting: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.2V10l2.5 1.8',
  queue: 'M3 5.5h9M3 10h9M3 14.5h9M15.3 4v12M13 13.6l2.3 2.4 2.3-2.4',
  settings: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4',
  doctor: 'M2.5 10.5h3.3l2-5 3.7 9.5 2.2-4.5h3.8',
  accounts: 'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c.4-3.3 2.8-5 6-5s5.6 1.7 6 5',
  audit: 'M5 2.8h10v14.4H5zM7.5 6.5h5M7.5 9.8h5M7.5 13h3',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  close: 'M5 5l10 10M15 5L5 15',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  more: 'M4 10a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M9.3 10a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0M14.6 10a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0',
  left: 'M12 4.5L6.5 10l5.5 5.5',
  right: 'M8 4.5l5.5 5.5L8 15.5',
  down: 'M4.5 7.5L10 13l5.5-5.5',
  copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  external: 'M8 4.5H4v11.5h11.5V12M11 3.5h5.5V9M16 4l-7.5 7.5',
  tag: 'M3.5 3.5h6l7 7-6 6-7-7zM7 7h.01',
  reject: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM5.2 5.2l9.6 9.6',
  disconnect: 'M6.5 6.5l7 7M13.5 6.5l-7 7M3 3h14v14H3z',
  defer: 'M16 6v4h-4M15.6 10a6 6 0 1 1-1.6-4.8L16 7.5',
  abort: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM6.5 10h7',
  release: 'M3.5 12v4.5h13V12M10 13V3.5M6 7.5l4-4 4 4',
  trash: 'M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 11.5h8.4L15 5.5M8.5 8.5v5.5M11.5 8.5v5.5',
  allow: 'M10 2.8l6 2.2v4.5c0 3.7-2.5 6.2-6 7.7-3.5-1.5-6-4-6-7.7V5zM7.2 9.8l2 2 3.6-3.8',
  block: 'M10 2.8l6 2.2v4.5c0 3.7-2.5 6.2-6 7.7-3.5-1.5-6-4-6-7.7V5zM7.7 7.7l4.6 4.6M12.3 7.7l-4.6 4.6',
  spam: 'M6.8 3h6.4L17.5 7.3v5.9L13.2 17.5H6.8L2.5 13.2V7.3zM10 6.5v4.5M10 13.8h.01',
  ham: 'M6 17V9l3.5-6c1.3 0 2 .9 2 2.2L11 8h4.3c.9 0 1.5.8 1.3 1.7l-1.3 6c-.2.8-.8 1.3-1.6 1.3zM3 9h3v8H3z',
  forward: 'M11.5 4.5l5 5-5 5M16 9.5H9c-3.5 0-5.5 2-5.5 6',
  download: 'M3.5 12.5v4h13v-4M10 3.5v9.5M6 9l4 4 4-4',
  ask: 'M3 4h14v10H9.5L6 17v-3H3zM8 7.8c.2-1 1-1.5 2-1.5 1.2 0 2 .7 2 1.6 0 1.3-2 1.3-2 2.6M10 12.2h.01',
  eye: 'M2.5 10S5 4.8 10 4.8 17.5 10 17.5 10 15 15.2 10 15.2 2.5 10 2.5 10zM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z',
  clip: 'M15.5 9.5l-5.7 5.7a3.4 3.4 0 0 1-4.8-4.8l6.2-6.2a2.2 2.2 0 0 1 3.2 3.2l-6 6a1 1 0 0 1-1.5-1.5l5.2-5.2',
  link: 'M8.5 11.5l3-3M7 9l-2.2 2.2a3 3 0 0 0 4.2 4.2L11 13M9 7l2-2.2A3 3 0 0 1 15.2 9L13 11',
  warning: 'M10 3l7.5 13.5h-15zM10 8v4M10 14.3h.01',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.3V14M10 6.4h.01',
  sun: 'M10 13.3a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6zM10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M15.3 4.7l-1.1 1.1M5.8 14.2l-1.1 1.1',
  moon: 'M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3z',
  auto: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 3v14M10 6.5h5.5M10 10h7M10 13.5h5.5',
  keyboard: 'M2.5 5.5h15v9.5h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M7 12h6',
  signout: 'M8 3.5H3.5v13H8M8 10h9M13.5 6.5L17 10l-3.5 3.5',
  key: 'M7 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10.5 10h7M14.5 10v3M17.3 10v2',
  retry: 'M4 14v-4h4M4.4 10a6 6 0 1 1 1.6 4.8L4 12.5',
  hold: 'M7 4.5v11M13 4.5v11',
  connect: 'M7 3v4M13 3v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v2.5',
  user: 'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c.4-3.3 2.8-5 6-5s5.6 1.7 6 5',
  scale: 'M10 3.5v13M6 16.5h8M4 6h12M4 6l-2 5.5h4zM16 6l-2 5.5h4z',
  list: 'M7 5.5h10M7 10h10M7 14.5h10M3.5 5.5h.01M3.5 10h.01M3.5 14.5h.01',
  plus: 'M10 4v12M4 10h12',
  filter: 'M3 4.5h14l-5.5 6.5v5.5l-3-1.5V11z',
  server: 'M3.5 3.5h13v5h-13zM3.5 11.5h13v5h-13zM6.3 6h.01M6.3 14h.01',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={1.6} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="mark">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <path d="M7 23V12.2c0-1 1.2-1.6 2-.9l7 5.9 7-5.9c.8-.7 2-.1 2 .9V23" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M12.5 23v-4.6M19.5 23v-4.6" stroke="#a9c2ff" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
