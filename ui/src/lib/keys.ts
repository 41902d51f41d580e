// SPDX-License-Identifier: Apache-2.0
// Keys for those who work by keyboard; never while typing or in a dialog, and off where the reader wants it (WCAG 2.1.4).
import { useEffect, useRef, type RefObject } from 'react';
import { currentChoices } from './theme';

type Keys = Record<string, (event: KeyboardEvent) => void>;

export function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof Element ? target : null;
  return !!element?.closest('input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=menu]');
}

/** The innermost page that knows a key gets it. "g q" is g, then q. */
const layers: RefObject<Keys>[] = [];
let prefix = '';
let prefixTimer: number | undefined;

window.addEventListener('keydown', (event) => {
  if (!currentChoices().shortcuts || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  const key = prefix ? `${prefix} ${event.key}` : event.key;
  clearTimeout(prefixTimer);
  prefix = '';
  for (const layer of [...layers].reverse()) {
    const action = layer.current?.[key];
    if (!action) continue;
    event.preventDefault();
    action(event);
    return;
  }
  if (event.key === 'g') {
    prefix = 'g';
    prefixTimer = window.setTimeout(() => (prefix = ''), 1500);
  }
});

export function useKeys(keys: Keys) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    layers.push(latest);
    return () => {
      layers.splice(layers.indexOf(latest), 1);
    };
  }, []);
}

/** j, k and the arrows go through the elements marked data-row inside `box`. */
export function useRowKeys(box: RefObject<HTMLElement | null>) {
  const move = (by: number) => {
    const rows = [...(box.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const now = rows.findIndex((row) => row === document.activeElement || row.closest('tr, li')?.contains(document.activeElement));
    const next = now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + by));
    rows[next]!.focus();
    rows[next]!.scrollIntoView({ block: 'nearest' });
  };
  const inside = (by: number) => (event: KeyboardEvent) => {
    if (box.current?.contains(document.activeElement)) move(by);
    else window.scrollBy({ top: by * 60 });
    void event;
  };
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: inside(1), ArrowUp: inside(-1) });
}
