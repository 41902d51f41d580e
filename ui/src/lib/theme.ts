// SPDX-License-Identifier: Apache-2.0
// What the reader chose for these pages, kept in this browser only.
import { useSyncExternalStore } from 'react';

export type Theme = 'auto' | 'light' | 'dark';
interface Choices { theme: Theme; shortcuts: boolean; showContent: boolean }

const name = 'mailreeve.choices';
const usual: Choices = { theme: 'auto', shortcuts: true, showContent: false };

function load(): Choices {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Choices>) };
  } catch {
    return usual;
  }
}

let choices = load();
const listeners = new Set<() => void>();

function show() {
  if (choices.theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = choices.theme;
}
show();

export function choose(change: Partial<Choices>) {
  choices = { ...choices, ...change };
  try {
    localStorage.setItem(name, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
  show();
  for (const listener of listeners) listener();
}

export function useChoices(): Choices {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => choices,
  );
}
export const currentChoices = () => choices;

/** Changes when what is dark changes: for what draws its own colours. */
export function useIsDark(): boolean {
  const { theme } = useChoices();
  const system = useSyncExternalStore(
    (listener) => {
      const query = matchMedia('(prefers-color-scheme: dark)');
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia('(prefers-color-scheme: dark)').matches,
  );
  return theme === 'auto' ? system : theme === 'dark';
}
