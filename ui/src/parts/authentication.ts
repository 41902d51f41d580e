// SPDX-License-Identifier: Apache-2.0
// "spf=pass example.org" as a sentence for a person.
import { known, t } from '../text';
import type { Tone } from './ui';

export interface Proof { method: string; result: string; subject: string; comment: string; reason: string; sentence: string; tone: Tone; raw: string }

const good = ['pass'];
const bad = ['fail', 'hardfail', 'reject'];
const doubtful = ['softfail', 'permerror', 'policy', 'neutral', 'quarantine'];

/** METHOD=RESULT (COMMENT) SUBJECT: REASON, as the gateway writes it. */
export function readProof(raw: string): Proof {
  const parts = /^([a-z0-9-]+)=([a-z0-9-]+)(?: \((.*?)\))?(?: ([^\s:]+(?::[^\s]+)?))?(?:: (.*))?$/i.exec(raw);
  const [, method = '', result = '', comment = '', subject = '', reason = ''] = parts ?? [];
  const name = method.toLowerCase();
  const outcome = result.toLowerCase();
  const key = `proof.${name}.${outcome}`;
  const general = `proof.${outcome}`;
  const who = (name === 'spf' ? subject.slice(subject.lastIndexOf('@') + 1) : subject) || t(`proof.somebody`);
  const sentence = known(key) ? t(key, { subject: who }) : known(general) && name ? t(general, { method: name.toUpperCase(), subject: who }) : raw;
  const tone: Tone = good.includes(outcome) ? 'ok' : bad.includes(outcome) ? 'bad' : doubtful.includes(outcome) ? 'warn' : 'calm';
  return { method: name, result: outcome, subject, comment, reason, sentence, tone, raw };
}
