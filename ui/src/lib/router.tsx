// SPDX-License-Identifier: Apache-2.0
// Addresses of pages over the history API: what is shown is what the address says, filters too.
import { useEffect, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';

export interface Place { path: string; query: URLSearchParams; hash: string }

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search), hash: location.hash };
}

let place = read();
const last = new Map<string, string>();
const listeners = new Set<() => void>();

// How far each address was scrolled when it was left: going back, or up from a message to its list, one is there again.
const scrolled = new Map<string, number>();
history.scrollRestoration = 'manual';
window.addEventListener('scroll', () => scrolled.set(place.path, window.scrollY), { passive: true });

let moved: 'forward' | 'back' = 'forward';
/** How far the page now shown is to be scrolled. */
export const wantedScroll = () => (moved === 'back' ? (scrolled.get(place.path) ?? 0) : 0);

function changed() {
  const before = place.path;
  place = read();
  if (before.startsWith(`${place.path}/`) && place.path !== '/') moved = 'back';
  last.set(place.path, place.path + location.search);
  for (const listener of listeners) listener();
}
window.addEventListener('popstate', () => {
  moved = 'back';
  changed();
});

export function navigate(to: string, options: { replace?: boolean } = {}) {
  if (to === location.pathname + location.search + location.hash) return;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', to);
  moved = 'forward';
  changed();
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
  );
}

last.set(place.path, place.path + location.search);

/** The list one came from, with its filters. */
export const lastAddress = (path: string) => last.get(path) ?? path;

/** match('/messages/:id', path): the parts by name, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/, '').split('/');
  if (wanted.length !== given.length && !(pattern === '/' && given.length === 1)) return null;
  const parts: Record<string, string> = {};
  for (let i = 0; i < wanted.length; ++i) {
    const want = wanted[i]!;
    const got = given[i] ?? '';
    if (want.startsWith(':')) {
      try {
        parts[want.slice(1)] = decodeURIComponent(got);
      } catch {
        return null;
      }
    } else if (want !== got) return null;
  }
  return parts;
}

/** path with those of `query` that say something. */
export function address(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export function Link({ to, replace, onClick, ...rest }: { to: string; replace?: boolean } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to, { replace });
  };
  return <a {...rest} href={to} onClick={follow} />;
}

/** The page's title; a new page begins at its top, with the focus on its heading for those who hear it. */
export function usePageTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Mailreeve` : 'Mailreeve';
  }, [title]);
}
