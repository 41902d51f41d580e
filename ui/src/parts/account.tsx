// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { call } from '../api/client';
import { asFailure } from '../api/use';
import { t, type Key } from '../text';
import { choose, useChoices } from '../lib/theme';
import { DialogFrame, FormDialog } from './dialog';
import { announce } from './notices';
import { Check, Failed, Field } from './ui';
import type { Failure } from '../api/client';

export const password_least = 12;

export function ChangePassword({ close }: { close: () => void }) {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [tried, setTried] = useState(false);
  const differs = tried && fresh !== again ? t('password.differs') : null;
  const isShort = tried && fresh.length < password_least ? t('password.short', { count: password_least }) : null;
  const submit = async () => {
    setTried(true);
    if (fresh !== again || fresh.length < password_least) return;
    try {
      await call('PUT', '/session/password', { body: { old, new: fresh }, quiet: true });
      announce(t('password.changed'));
      close();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <FormDialog title={t('account.password')} action={t('password.change')} close={close} submit={submit}>
      {failure && <Failed failure={failure} />}
      <Field label={t('password.old')} type="password" autoComplete="current-password" required value={old} onChange={(event) => setOld(event.target.value)} />
      <Field label={t('password.new')} type="password" autoComplete="new-password" required value={fresh} error={isShort} hint={t('password.hint', { count: password_least })} onChange={(event) => setFresh(event.target.value)} />
      <Field label={t('password.again')} type="password" autoComplete="new-password" required value={again} error={differs} onChange={(event) => setAgain(event.target.value)} />
    </FormDialog>
  );
}

const groups: { title: Key; keys: [string[], Key][] }[] = [
  { title: 'keys.everywhere', keys: [[['/'], 'keys.search'], [['?'], 'keys.help'], [['Esc'], 'keys.escape']] },
  { title: 'keys.go', keys: [[['g', 'o'], 'nav.overview'], [['g', 'm'], 'nav.messages'], [['g', 'q'], 'nav.quarantine'], [['g', 'w'], 'nav.waiting'], [['g', 'u'], 'nav.queue'], [['g', 's'], 'nav.settings']] },
  { title: 'keys.lists', keys: [[['j'], 'keys.next'], [['k'], 'keys.previous'], [['Enter'], 'keys.open'], [['x'], 'keys.mark']] },
  { title: 'keys.held', keys: [[['r'], 'act.release'], [['d'], 'act.delete'], [['s'], 'act.spam'], [['h'], 'act.ham'], [['v'], 'preview.show']] },
];

export function KeysHelp({ close }: { close: () => void }) {
  const { shortcuts } = useChoices();
  return (
    <DialogFrame title={t('keys.title')} close={close}>
      <Check label={t('keys.use')} hint={t('keys.use.hint')} checked={shortcuts} onChange={(event) => choose({ shortcuts: event.target.checked })} />
      <div className="keys-help">
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl>
              {group.keys.map(([keys, text]) => (
                <div key={text}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{t(text)}</dd></div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </DialogFrame>
  );
}
