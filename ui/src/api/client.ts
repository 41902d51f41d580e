// SPDX-License-Identifier: Apache-2.0
// Calls of /api/v1: errors are problem details (RFC 9457), a session that ended brings back the sign-in page.
import { Store, useStore } from '../lib/store';
import type { Problem, Scope, Session } from './types';

export class Failure extends Error {
  constructor(readonly problem: Problem, readonly retryAfter: number | null = null) {
    super(problem.title);
  }
}

/** undefined: not asked yet; null: the gateway does not answer. */
export const session = new Store<Session | null | undefined>(undefined);
/** Was somebody signed in, whose session is over now? */
export const sessionEnded = new Store(false);
export const useSession = () => useStore(session);

export const can = (scope: Scope) => session.get()?.scopes.includes(scope) ?? false;
export const mayAct = () => can('quarantine.act');

const forgetters = new Set<() => void>();
/** What is remembered of one account's pages is forgotten when another signs in. */
export const onSignOut = (forget: () => void) => forgetters.add(forget);

export function signedIn(answer: Session) {
  for (const forget of forgetters) forget();
  sessionEnded.set(false);
  session.set(answer);
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const value = (await response.json()) as Partial<Problem>;
    if (typeof value.title === 'string') return { title: value.title, status: response.status, detail: value.detail };
  } catch {
    // Whatever stands between us and the gateway answered in its own words.
  }
  return { title: response.statusText || String(response.status), status: response.status };
}

type Query = Record<string, string | number | null | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  quiet?: boolean; // a 401 says only that these words were wrong
}

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  const headers: Record<string, string> = { Accept: 'application/json' };
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const csrf = session.get()?.csrf;
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}${text ? `?${text}` : ''}`, { method, headers, body, signal: options.signal, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure({ title: '', status: 0 });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = await problemOf(response);
  if (response.status === 401 && !options.quiet && session.get()?.kind !== 'none') void askSession(true);
  const after = Number(response.headers.get('Retry-After'));
  throw new Failure(problem, Number.isFinite(after) && after > 0 ? after : null);
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', path, { query, signal });
export const post = <T>(path: string, body: unknown = {}, query?: Query) => call<T>('POST', path, { body, query });

/** `lost`: a call was refused though somebody is signed in. */
export async function askSession(lost = false): Promise<void> {
  try {
    const answer = await call<Session>('GET', '/session', { quiet: true });
    if (lost && answer.kind === 'none') sessionEnded.set(true);
    session.set(answer);
  } catch {
    if (!session.get()) session.set(null);
  }
}

export async function signOut(): Promise<void> {
  try {
    await call<void>('DELETE', '/session', { quiet: true });
  } catch {
    // Signed out is what one is after a session that ended by itself.
  }
  for (const forget of forgetters) forget();
  await askSession();
}
