// SPDX-License-Identifier: Apache-2.0
// A link out of a digest: shows what it would do and does it only when somebody presses the button, since programs that
// examine mail follow links too.
import { useEffect, useState } from 'react';
import { call, signedIn, type Failure } from '../api/client';
import type { LinkDone, LinkInfo, Session } from '../api/types';
import { asFailure } from '../api/use';
import { Link, navigate, usePageTitle } from '../lib/router';
import { Icon, type IconName } from '../parts/icons';
import { Button, Empty, Facts, Failed, Loading, Outside, When } from '../parts/ui';
import { KindBadge } from '../parts/verdict';
import { Door } from '../shell';
import { t, type Key } from '../text';

const icons: Record<LinkInfo['action'], IconName> = { release: 'release', release_and_allow: 'allow', ask: 'ask', delete: 'trash', delete_and_block: 'block', sign_in: 'key' };

export default function LinkPage({ token }: { token: string }) {
  const [info, setInfo] = useState<LinkInfo | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [done, setDone] = useState<LinkDone | null>(null);
  const [busy, setBusy] = useState(false);
  usePageTitle(info ? t(`link.${info.action}.title` as Key) : t('link.title'));
  useEffect(() => {
    let current = true;
    call<LinkInfo>('POST', '/link/show', { body: { token }, quiet: true }).then(
      (answer) => current && setInfo(answer),
      (error: unknown) => current && setFailure(asFailure(error)),
    );
    return () => {
      current = false;
    };
  }, [token]);
  const act = async () => {
    setBusy(true);
    setFailure(null);
    try {
      if (info?.action === 'sign_in') {
        const answer = await call<Session>('POST', '/session/token', { body: { token }, quiet: true });
        navigate('/own', { replace: true });
        signedIn(answer);
        return;
      }
      setDone(await call<LinkDone>('POST', '/link/act', { body: { token }, quiet: true }));
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  if (!info) {
    return (
      <Door>
        {!failure ? <><h1>{t('link.title')}</h1><Loading rows={4} kind="lines" /></>
        : failure.problem.status === 410 || failure.problem.status === 404 ? (
          <>
            <h1>{t('link.gone')}</h1>
            <Empty icon="waiting" title={t('link.gone.title')}>{t('link.gone.explained')}</Empty>
            <Link to="/own" className="button">{t('link.gone.sign_in')}</Link>
          </>
        ) : <><h1>{t('link.title')}</h1><Failed failure={failure} /></>}
      </Door>
    );
  }
  if (done) {
    return (
      <Door>
        <div className="link-done" role="status">
          <span className="empty-icon ok"><Icon name="check" size={26} /></span>
          <h1>{done.changed > 0 ? t(`link.${info.action}.done` as Key) : t('link.nothing')}</h1>
          {done.detail && <p className="lead"><bdi>{done.detail}</bdi></p>}
          <p className="quiet-text">{t('link.close')}</p>
        </div>
      </Door>
    );
  }
  const isSignIn = info.action === 'sign_in';
  return (
    <Door>
      <h1>{t(`link.${info.action}.title` as Key)}</h1>
      <p className="lead">{t(`link.${info.action}.explained` as Key)}</p>
      <Facts items={[
        [t('link.for'), <Outside>{info.address}</Outside>],
        !isSignIn && [t('column.from'), <Outside fallback="sender.null">{info.from}</Outside>],
        !isSignIn && [t('column.subject'), <Outside fallback="subject.none">{info.subject}</Outside>],
        !isSignIn && info.time && [t('column.time'), <When time={info.time} form="long" />],
        info.kind && [t('column.kind'), <KindBadge kind={info.kind} />],
        [t('link.expires'), <When time={info.expires} form="both" />],
      ]} />
      {failure && <Failed failure={failure} />}
      <Button look={info.action.startsWith('delete') ? 'danger' : 'primary'} icon={icons[info.action]} busy={busy} onClick={() => void act()}>{t(`link.${info.action}.action` as Key)}</Button>
      <p className="hint">{t('link.unpressed')}</p>
    </Door>
  );
}
