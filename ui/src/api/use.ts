// SPDX-License-Identifier: Apache-2.0
// What a page shows is asked for here: the last answer stays until the next one is there, so nothing jumps.
import { useCallback, useEffect, useRef, useState } from 'react';
import { Failure, get, onSignOut } from './client';

const remembered = new Map<string, unknown>();
const remember_most = 60;
const most_again = 200;
onSignOut(() => remembered.clear());

function remember(key: string, value: unknown) {
  remembered.delete(key);
  remembered.set(key, value);
  if (remembered.size > remember_most) remembered.delete(remembered.keys().next().value!);
}

type Query = Record<string, string | number | null | undefined>;

export interface Loaded<T> {
  data: T | undefined;
  failure: Failure | null;
  loading: boolean;
  reload: () => void;
  set: (value: T) => void;
}

export function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure({ title: String(error), status: 0 });
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

/** path null: nothing to ask. */
export function useLoad<T>(path: string | null, query?: Query): Loaded<T> {
  const key = path === null ? '' : `${path} ${JSON.stringify(query ?? {})}`;
  const [state, setState] = useState<{ key: string; data: T | undefined; failure: Failure | null; loading: boolean }>(() => ({
    key, data: remembered.get(key) as T | undefined, failure: null, loading: path !== null,
  }));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    setState((old) => ({ key, data: old.key === key ? old.data : (remembered.get(key) as T | undefined), failure: null, loading: true }));
    get<T>(path, query, abort.signal).then(
      (data) => {
        remember(key, data);
        setState({ key, data, failure: null, loading: false });
      },
      (error: unknown) => {
        if (!isAbort(error)) setState((old) => ({ ...old, failure: asFailure(error), loading: false }));
      },
    );
    return () => abort.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const set = useCallback((data: T) => {
    remember(key, data);
    setState({ key, data, failure: null, loading: false });
  }, [key]);
  const current = state.key === key;
  return { data: current ? state.data : (remembered.get(key) as T | undefined), failure: current ? state.failure : null, loading: !current || state.loading, reload, set };
}

export interface Pages<Item> {
  items: Item[] | undefined;
  failure: Failure | null;
  loading: boolean;
  next: string | null;
  more: () => void;
  reload: () => void;
  change: (change: (items: Item[]) => Item[]) => void;
}

/** A list that goes on: `list` names it in the answer, `cursor` the parameter that asks for the next page. */
export function usePages<Item>(path: string, list: string, query: Query = {}, cursor = 'cursor'): Pages<Item> {
  interface State { key: string; items: Item[] | undefined; next: string | null; failure: Failure | null; loading: boolean }
  const key = `${path} ${JSON.stringify(query)}`;
  const kept = () => remembered.get(key) as { items: Item[]; next: string | null } | undefined;
  const [state, setState] = useState<State>(() => ({ key, items: kept()?.items, next: kept()?.next ?? null, failure: null, loading: true }));
  const [turn, setTurn] = useState(0);
  const latest = useRef(state);
  latest.current = state;
  const ask = useCallback(async (after: string | null, signal?: AbortSignal) => {
    const limit = Number(query.limit ?? 50);
    // As many again as were there before, so that nobody loses the place.
    const again = after === null ? Math.min(most_again, Math.max(limit, kept()?.items.length ?? 0)) : limit;
    const answer = await get<Record<string, unknown>>(path, { ...query, limit: again, ...(after === null ? {} : { [cursor]: after }) }, signal);
    return { items: (answer[list] ?? []) as Item[], next: (answer.next as string | undefined) || null };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => (old.key === key ? { ...old, loading: true, failure: null } : { key, items: kept()?.items, next: kept()?.next ?? null, failure: null, loading: true }));
    ask(null, abort.signal).then(
      (page) => {
        remember(key, page);
        setState({ key, ...page, failure: null, loading: false });
      },
      (error: unknown) => {
        if (!isAbort(error)) setState((old) => ({ ...old, failure: asFailure(error), loading: false }));
      },
    );
    return () => abort.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, turn]);
  const more = useCallback(() => {
    const { next, loading } = latest.current;
    if (!next || loading) return;
    setState((old) => ({ ...old, loading: true, failure: null }));
    ask(next).then(
      (page) => setState((old) => {
        if (old.key !== key) return old;
        const items = [...(old.items ?? []), ...page.items];
        remember(key, { items, next: page.next });
        return { ...old, items, next: page.next, loading: false };
      }),
      (error: unknown) => setState((old) => ({ ...old, failure: asFailure(error), loading: false })),
    );
  }, [ask, key]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const change = useCallback((edit: (items: Item[]) => Item[]) => {
    setState((old) => ({ ...old, items: old.items && edit(old.items) }));
  }, []);
  const current = state.key === key;
  return {
    items: current ? state.items : kept()?.items, failure: current ? state.failure : null, loading: !current || state.loading,
    next: current ? state.next : null, more, reload, change,
  };
}
