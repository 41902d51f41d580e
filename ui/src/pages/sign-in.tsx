// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type FormEvent } from 'react';
import { call, post, sessionEnded, signedIn, useSession, type Failure } from '../api/client';
import type { Session } from '../api/types';
import { asFailure } from '../api/use';
import { navigate, usePageTitle, usePlace } from '../lib/router';
import { useStore } from '../lib/store';
import { Icon } from '../parts/icons';
import { Button, Failed, Field, Segments } from '../parts/ui';
import { Door } from '../shell';
import { t } from '../text';

type Way = 'account' | 'link' | 'directory';

export default function SignIn() {
  usePageTitle(t('sign_in.title'));
  const session = useSession();
  const { path, hash } = usePlace();
  const ended = useStore(sessionEnded);
  const own = path.startsWith('/own');
  const ways: Way[] = ['account', ...(session?.sign_in.link ? (['link'] as const) : []), ...(session?.sign_in.directory ? (['directory'] as const) : [])];
  const [way, setWay] = useState<Way>(own && ways.includes('link') ? 'link' : 'account');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [sent, setSent] = useState(false);

  const done = (answer: Session) => {
    if (path === '/sign-in') navigate('/', { replace: true });
    signedIn(answer);
  };
  useEffect(() => {
    if (session && session.kind !== 'none' && path === '/sign-in') navigate('/', { replace: true });
  }, [session, path]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      if (way === 'link') {
        await post('/session/link', { address: name.trim() });
        setSent(true);
      } else {
        done(await call<Session>('POST', '/session', { body: { name: name.trim(), password }, quiet: true }));
      }
    } catch (error) {
      setFailure(asFailure(error));
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  const redeem = async () => {
    setBusy(true);
    try {
      const answer = await call<Session>('POST', '/session/token', { body: { token: hash.slice(1) }, quiet: true });
      navigate('/own', { replace: true });
      signedIn(answer);
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  if (path === '/sign-in' && hash.length > 1) {
    return (
      <Door>
        <h1>{t('sign_in.token.title')}</h1>
        <p className="lead">{t('sign_in.token.lead')}</p>
        {failure && <Failed failure={failure} />}
        <Button look="primary" busy={busy} onClick={() => void redeem()}>{t('sign_in.action')}</Button>
      </Door>
    );
  }
  return (
    <Door>
      <h1>{t('sign_in.title')}</h1>
      <p className="lead">{session?.host}</p>
      {ended && <p className="note"><Icon name="info" size={16} /> {t('sign_in.ended')}</p>}
      {ways.length > 1 && (
        <Segments label={t('sign_in.ways')} value={way} onChange={(value) => {
          setWay(value);
          setFailure(null);
          setSent(false);
        }} options={ways.map((one) => ({ value: one, label: t(`sign_in.way.${one}`) }))} />
      )}
      {sent ? (
        <div className="sent" role="status">
          <Icon name="messages" size={26} />
          <p><strong>{t('sign_in.sent')}</strong></p>
          <p>{t('sign_in.sent.explained', { address: name.trim() })}</p>
          <Button onClick={() => setSent(false)}>{t('sign_in.sent.again')}</Button>
        </div>
      ) : (
        <form onSubmit={(event) => void submit(event)} className="form" key={way}>
          {failure && <Failed failure={failure} />}
          <Field label={way === 'account' ? t('sign_in.name') : t('sign_in.address')} type={way === 'account' ? 'text' : 'email'} autoComplete={way === 'account' ? 'username' : 'email'} autoCapitalize="none" spellCheck={false} required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          {way !== 'link' && <Field label={t('sign_in.password')} type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />}
          {way === 'link' && <p className="hint">{t('sign_in.link.hint')}</p>}
          {way === 'directory' && <p className="hint">{t('sign_in.directory.hint')}</p>}
          <Button type="submit" look="primary" busy={busy}>{way === 'link' ? t('sign_in.link.action') : t('sign_in.action')}</Button>
        </form>
      )}
    </Door>
  );
}
