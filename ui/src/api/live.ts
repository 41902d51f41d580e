// SPDX-License-Identifier: Apache-2.0
// The overview of the last hour as it changes: server-sent events, and asking now and then while there are none.
import { Store } from '../lib/store';
import { askSession, can, get, session } from './client';
import type { Overview } from './types';

export type LiveState = 'off' | 'connecting' | 'live' | 'polling';
export const overview = new Store<Overview | null>(null);
export const liveState = new Store<LiveState>('off');

const waits = [1, 2, 5, 10, 30];
const poll_every = 15_000;

let source: EventSource | null = null;
let failures = 0;
let retry: number | undefined;
let poll: number | undefined;

async function ask() {
  try {
    overview.set(await get<Overview>('/overview', { range: '1h' }));
  } catch {
    // The state shown says already that nothing comes.
  }
}

function stop() {
  source?.close();
  source = null;
  clearTimeout(retry);
  retry = undefined;
  clearInterval(poll);
  poll = undefined;
}

function open() {
  stop();
  if (liveState.get() !== 'polling') liveState.set('connecting');
  source = new EventSource('/api/v1/events');
  source.addEventListener('overview', (event) => {
    failures = 0;
    clearInterval(poll);
    poll = undefined;
    liveState.set('live');
    try {
      overview.set(JSON.parse((event as MessageEvent<string>).data) as Overview);
    } catch {
      // One event that cannot be read is followed by the next.
    }
  });
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED && failures === 0) {
      liveState.set('connecting'); // the browser comes back by itself
      failures = 1;
      return;
    }
    source?.close();
    source = null;
    const wait = waits[Math.min(failures, waits.length - 1)]!;
    ++failures;
    if (failures > 2 && poll === undefined) {
      liveState.set('polling');
      void ask();
      poll = window.setInterval(ask, poll_every);
    }
    retry = window.setTimeout(() => {
      void askSession(true);
      const polling = poll;
      poll = undefined;
      open();
      poll = polling;
    }, wait * 1000);
  };
}

export function watchSession() {
  const follow = () => {
    const wanted = can('overview.read');
    if (wanted && !source && retry === undefined) open();
    if (!wanted) {
      stop();
      retry = undefined;
      failures = 0;
      overview.set(null);
      liveState.set('off');
    }
  };
  follow();
  return session.subscribe(follow);
}
