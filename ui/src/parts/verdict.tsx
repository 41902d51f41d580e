// SPDX-License-Identifier: Apache-2.0
// Verdicts and findings as the reader meets them everywhere: a word, a shape and a colour.
import { useEffect, useMemo } from 'react';
import { can, get, onSignOut } from '../api/client';
import type { CheckView, HeldKind, HeldState, PolicyView, Settings, Verdict } from '../api/types';
import { weight as weightText } from '../lib/format';
import { Store, useStore } from '../lib/store';
import { known, t, word } from '../text';
import type { IconName } from './icons';
import { Badge, type Tone } from './ui';

export const verdicts: Verdict[] = ['accept', 'tag', 'greylist', 'quarantine', 'reject', 'disconnect', 'defer', 'abort'];

const looks: Record<Verdict, { tone: Tone; icon: IconName }> = {
  accept: { tone: 'ok', icon: 'check' },
  tag: { tone: 'warn', icon: 'tag' },
  greylist: { tone: 'wait', icon: 'waiting' },
  quarantine: { tone: 'held', icon: 'quarantine' },
  reject: { tone: 'bad', icon: 'reject' },
  disconnect: { tone: 'bad', icon: 'disconnect' },
  defer: { tone: 'wait', icon: 'defer' },
  abort: { tone: 'calm', icon: 'abort' },
};
export const lookOf = (verdict: string) => looks[verdict as Verdict] ?? { tone: 'calm' as Tone, icon: 'info' as IconName };

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const look = lookOf(verdict);
  return <Badge tone={look.tone} icon={look.icon}>{word('verdict.', verdict)}</Badge>;
}

export function KindBadge({ kind }: { kind: HeldKind }) {
  return kind === 'held'
    ? <Badge tone="held" icon="quarantine" title={t('kind.held.explained')}>{t('kind.held')}</Badge>
    : <Badge tone="bad" icon="reject" title={t('kind.refused.explained')}>{t('kind.refused')}</Badge>;
}

const stateTones: Record<HeldState, { tone: Tone; icon: IconName }> = {
  waiting: { tone: 'calm', icon: 'hold' },
  asked: { tone: 'accent', icon: 'ask' },
  released: { tone: 'ok', icon: 'release' },
  deleted: { tone: 'calm', icon: 'trash' },
};
export function StateBadge({ state }: { state: HeldState }) {
  const look = stateTones[state] ?? stateTones.waiting;
  return <Badge tone={look.tone} icon={look.icon}>{word('state.', state)}</Badge>;
}

export interface Knowledge {
  describe: (code: string) => string;
  stage: (code: string, check?: string) => string;
  policy: (name: string) => PolicyView | undefined;
}

const stageByPrefix: Record<string, string> = {
  rdns: 'connect', dnsbl: 'connect', dnswl: 'connect', pregreet: 'connect', rate: 'connect', harvest: 'rcpt', helo: 'helo', spf: 'mail', sender: 'mail',
  recipients: 'message', greylist: 'rcpt',
};

const settings = new Store<Settings | null>(null);
const fresh_for = 10 * 60_000;
let asked = 0;
onSignOut(() => {
  settings.set(null);
  asked = 0;
});

function ask() {
  if (!can('settings.read') || Date.now() - asked < fresh_for) return;
  asked = Date.now();
  get<Settings>('/settings').then(settings.set, () => undefined);
}

const family = (code: string) => code.split('.')[0]!;

function learn(data: Settings | null): Knowledge {
  const codes = new Map<string, { description: string; check: CheckView }>();
  for (const check of data?.checks ?? []) for (const finding of check.findings) codes.set(finding.code, { description: finding.description, check });
  const of = (code: string) => codes.get(code) ?? codes.get(`${family(code)}.*`);
  return {
    describe: (code) => {
      // Findings named by the operator share one entry, which speaks to whoever names them.
      const general = `finding.${family(code)}`;
      return codes.get(code)?.description ?? (known(general) ? t(general) : (of(code)?.description ?? ''));
    },
    stage: (code, check) => data?.checks.find((one) => one.name === check)?.stage ?? of(code)?.check.stage ?? stageByPrefix[family(code)] ?? 'message',
    policy: (name) => data?.policies.find((policy) => policy.name === name),
  };
}

/** What the settings say of checks and policies, for those who may read them; names alone for others. */
export function useKnowledge(): Knowledge {
  const data = useStore(settings);
  useEffect(ask, []);
  return useMemo(() => learn(data), [data]);
}

export function Code({ code, knowledge }: { code: string; knowledge?: Knowledge }) {
  return <code className="code" title={knowledge?.describe(code) || undefined}>{code}</code>;
}

export function Codes({ codes, most = 3 }: { codes: string[]; most?: number }) {
  return (
    <span className="codes">
      {codes.slice(0, most).map((code) => <Code key={code} code={code} />)}
      {codes.length > most && <span className="quiet-text" title={codes.slice(most).join(', ')}>{t('list.others', { count: codes.length - most })}</span>}
    </span>
  );
}

export function Weight({ value }: { value: number }) {
  const tone = value >= 3 ? 'high' : value > 0 ? 'some' : value < 0 ? 'good' : 'none';
  return <span className={`weight ${tone}`}>{weightText(value)}</span>;
}
