// SPDX-License-Identifier: Apache-2.0
// What can be done to held mail: each says beforehand what will happen, since mail cannot be called back.
import { useState } from 'react';
import { post } from '../api/client';
import type { HeldAction, HeldActionResult, HeldItem } from '../api/types';
import { t, T } from '../text';
import { FormDialog, openDialog } from './dialog';
import { Icon } from './icons';
import { announce, complain } from './notices';
import { Check, Field, Outside } from './ui';

export type ActionName = HeldAction['action'];

/** Tells what came of it; the ids that were done. */
export function tell(done: string, answer: HeldActionResult): string[] {
  const fine = answer.results.filter((result) => result.ok);
  const wrong = answer.results.filter((result) => !result.ok);
  if (wrong.length) {
    const details = [...new Set(wrong.map((result) => result.detail).filter(Boolean))];
    announce(t('act.failed', { count: wrong.length }), 'bad', details.slice(0, 3).join(' · '));
  }
  if (fine.length) announce(done, 'ok', fine.length === 1 ? fine[0]!.detail : t('act.count', { count: fine.length }));
  return fine.map((result) => result.id);
}

const most_at_once = 1000;

async function send(body: HeldAction, after: () => void) {
  try {
    const results: HeldActionResult['results'] = [];
    for (let at = 0; at < body.ids.length; at += most_at_once) {
      results.push(...(await post<HeldActionResult>('/quarantine/actions', { ...body, ids: body.ids.slice(at, at + most_at_once) })).results);
    }
    tell(t(`act.done.${body.action}`), { results });
    after();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function What({ items }: { items: HeldItem[] }) {
  return (
    <ul className="what">
      {items.slice(0, 4).map((item) => (
        <li key={item.id}><Outside fallback="subject.none">{item.subject}</Outside><span className="quiet-text"><Outside fallback="sender.null">{item.from || item.sender}</Outside></span></li>
      ))}
      {items.length > 4 && <li className="quiet-text">{t('list.others', { count: items.length - 4 })}</li>}
    </ul>
  );
}

function Release({ items, close, after, allow }: { items: HeldItem[]; close: () => void; after: () => void; allow: boolean }) {
  const one = items.length === 1 ? items[0]! : null;
  const open = one?.recipients.filter((recipient) => recipient.state === 'waiting' || recipient.state === 'asked') ?? [];
  const all = one?.recipients.map((recipient) => recipient.address) ?? [];
  const [chosen, setChosen] = useState(open.length ? open.map((recipient) => recipient.address) : all);
  const [learn, setLearn] = useState(false);
  const refused = items.filter((item) => item.kind === 'refused').length;
  const submit = async () => {
    const body: HeldAction = { action: allow ? 'release_and_allow' : 'release', ids: items.map((item) => item.id) };
    if (one && chosen.length < all.length) body.recipients = chosen;
    if (learn) body.learn = 'ham';
    if (await send(body, after)) close();
  };
  return (
    <FormDialog title={t(allow ? 'act.release_and_allow.title' : 'act.release.title', { count: items.length })} action={t(allow ? 'act.release_and_allow' : 'act.release')} close={close} submit={submit}>
      <What items={items} />
      <p>{t('act.release.explained')}</p>
      {allow && <p>{t('act.allow.explained')}</p>}
      {refused > 0 && <p className="note warn"><Icon name="warning" size={16} /> {t('act.release.refused', { count: refused })}</p>}
      {one && all.length > 1 && (
        <fieldset className="choices">
          <legend>{t('act.release.to')}</legend>
          {one.recipients.map((recipient) => (
            <Check key={recipient.address} label={<Outside>{recipient.address}</Outside>} hint={t(`state.${recipient.state}`)} checked={chosen.includes(recipient.address)}
              onChange={(event) => setChosen(event.target.checked ? [...chosen, recipient.address] : chosen.filter((other) => other !== recipient.address))} />
          ))}
        </fieldset>
      )}
      <Check label={t('act.learn.ham')} hint={t('act.learn.hint')} checked={learn} onChange={(event) => setLearn(event.target.checked)} />
    </FormDialog>
  );
}

function Delete({ items, close, after }: { items: HeldItem[]; close: () => void; after: () => void }) {
  const [learn, setLearn] = useState(false);
  const held = items.filter((item) => item.kind === 'held').length;
  const refused = items.length - held;
  const submit = async () => {
    const body: HeldAction = { action: 'delete', ids: items.map((item) => item.id) };
    if (learn) body.learn = 'spam';
    if (await send(body, after)) close();
  };
  return (
    <FormDialog title={t('act.delete.title', { count: items.length })} action={t('act.delete')} danger close={close} submit={submit}>
      <What items={items} />
      {held > 0 && <p>{t('act.delete.held', { count: held })}</p>}
      {refused > 0 && <p>{t('act.delete.refused', { count: refused })}</p>}
      <Check label={t('act.learn.spam')} hint={t('act.learn.hint')} checked={learn} onChange={(event) => setLearn(event.target.checked)} />
    </FormDialog>
  );
}

function Forward({ items, close, after }: { items: HeldItem[]; close: () => void; after: () => void }) {
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const submit = async () => {
    if (await send({ action: 'forward', ids: items.map((item) => item.id), to: to.trim(), ...(reason ? { reason } : {}) }, after)) close();
  };
  return (
    <FormDialog title={t('act.forward.title', { count: items.length })} action={t('act.forward')} close={close} submit={submit}>
      <What items={items} />
      <p>{t('act.forward.explained')}</p>
      <Field label={t('act.forward.to')} type="email" required autoFocus value={to} onChange={(event) => setTo(event.target.value)} />
      <Field label={t('act.reason')} value={reason} onChange={(event) => setReason(event.target.value)} hint={t('act.reason.hint')} />
    </FormDialog>
  );
}

function RefuseRequest({ items, close, after }: { items: HeldItem[]; close: () => void; after: () => void }) {
  const [reason, setReason] = useState('');
  const submit = async () => {
    if (await send({ action: 'refuse_request', ids: items.map((item) => item.id), ...(reason ? { reason } : {}) }, after)) close();
  };
  return (
    <FormDialog title={t('act.refuse_request.title', { count: items.length })} action={t('act.refuse_request')} close={close} submit={submit}>
      <What items={items} />
      <p>{t('act.refuse_request.explained')}</p>
      <Field label={t('act.reason')} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} hint={t('act.reason.hint')} />
    </FormDialog>
  );
}

function Learn({ items, close, after, kind }: { items: HeldItem[]; close: () => void; after: () => void; kind: 'spam' | 'ham' }) {
  const held = items.filter((item) => item.kind === 'held').length;
  const submit = async () => {
    if (await send({ action: kind, ids: items.map((item) => item.id) }, after)) close();
  };
  return (
    <FormDialog title={t(`act.${kind}.title`, { count: items.length })} action={t(`act.${kind}`)} danger={kind === 'spam'} close={close} submit={submit}>
      <What items={items} />
      <p>{t(`act.${kind}.explained`)}</p>
      {kind === 'spam' && held > 0 && <p>{t('act.delete.held', { count: held })}</p>}
    </FormDialog>
  );
}

export function doAction(action: ActionName, items: HeldItem[], after: () => void) {
  if (!items.length) return;
  if (action === 'ham' && items.length === 1) {
    void send({ action, ids: [items[0]!.id] }, after);
    return;
  }
  openDialog((close) => {
    const common = { items, close, after };
    switch (action) {
      case 'release': return <Release {...common} allow={false} />;
      case 'release_and_allow': return <Release {...common} allow />;
      case 'delete': return <Delete {...common} />;
      case 'forward': return <Forward {...common} />;
      case 'refuse_request': return <RefuseRequest {...common} />;
      case 'spam': return <Learn {...common} kind="spam" />;
      case 'ham': return <Learn {...common} kind="ham" />;
    }
  });
}

export function KindExplained({ item }: { item: Pick<HeldItem, 'kind'> }) {
  return item.kind === 'held'
    ? <p className="kind-explained held"><Icon name="quarantine" size={18} /> <span><T k="held.means.held" v={{ word: <strong>{t('kind.held')}</strong> }} /></span></p>
    : <p className="kind-explained refused"><Icon name="reject" size={18} /> <span><T k="held.means.refused" v={{ word: <strong>{t('kind.refused')}</strong> }} /></span></p>;
}
