// SPDX-License-Identifier: Apache-2.0
import { useState, type FormEvent } from 'react';
import { call, signedIn, useSession, type Failure } from '../api/client';
import type { Session } from '../api/types';
import { asFailure } from '../api/use';
import { Link, navigate, usePageTitle, usePlace } from '../lib/router';
import { password_least } from '../parts/account';
import { Button, Failed, Field, Try } from '../parts/ui';
import { Door } from '../shell';
import { t } from '../text';

export default function SetUp() {
  usePageTitle(t('setup.title'));
  const session = useSession();
  const { hash } = usePlace();
  const token = hash.slice(1);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (password !== again || password.length < password_least) return;
    setBusy(true);
    try {
      const answer = await call<Session>('POST', '/setup', { body: { token, name: name.trim(), password }, quiet: true });
      navigate('/', { replace: true });
      signedIn(answer);
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  if (session && !session.needs_setup) {
    return (
      <Door>
        <h1>{t('setup.done')}</h1>
        <p className="lead">{t('setup.done.explained')}</p>
        <Link to="/" className="button primary">{t('setup.go')}</Link>
      </Door>
    );
  }
  if (!token) {
    return (
      <Door wide>
        <h1>{t('setup.welcome', { host: session?.host ?? '' })}</h1>
        <p className="lead">{t('setup.needed')}</p>
        <p>{t('setup.where')}</p>
        <Try command="mailreeve user add alice --role admin" />
        <p className="hint">{t('setup.why')}</p>
      </Door>
    );
  }
  return (
    <Door>
      <h1>{t('setup.title')}</h1>
      <p className="lead">{t('setup.lead', { host: session?.host ?? '' })}</p>
      <form onSubmit={(event) => void submit(event)} className="form">
        {failure && <Failed failure={failure} />}
        <Field label={t('setup.name')} autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus value={name} onChange={(event) => setName(event.target.value)} hint={t('setup.name.hint')} />
        <Field label={t('sign_in.password')} type="password" autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.target.value)}
          hint={t('password.hint', { count: password_least })} error={tried && password.length < password_least ? t('password.short', { count: password_least }) : null} />
        <Field label={t('password.again')} type="password" autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.target.value)}
          error={tried && password !== again ? t('password.differs') : null} />
        <Button type="submit" look="primary" busy={busy}>{t('setup.action')}</Button>
      </form>
    </Door>
  );
}
