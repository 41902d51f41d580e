// SPDX-License-Identifier: Apache-2.0
// Which page an address is, and for whom.
import { lazy, Suspense, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { askSession, useSession } from './api/client';
import type { Scope, Session } from './api/types';
import { match, usePlace } from './lib/router';
import { DialogHost } from './parts/dialog';
import { Notices } from './parts/notices';
import { Button, Empty, Loading } from './parts/ui';
import { Boundary, Shell } from './shell';
import { locale, t } from './text';

const Overview = lazy(() => import('./pages/overview'));
const Messages = lazy(() => import('./pages/messages'));
const Message = lazy(() => import('./pages/message'));
const Quarantine = lazy(() => import('./pages/quarantine'));
const Waiting = lazy(() => import('./pages/waiting'));
const Queue = lazy(() => import('./pages/queue'));
const Settings = lazy(() => import('./pages/settings'));
const Doctor = lazy(() => import('./pages/doctor'));
const Accounts = lazy(() => import('./pages/accounts'));
const Audit = lazy(() => import('./pages/audit'));
const Own = lazy(() => import('./pages/own'));
const SignIn = lazy(() => import('./pages/sign-in'));
const SetUp = lazy(() => import('./pages/set-up'));
const LinkPage = lazy(() => import('./pages/link'));

type Parts = Record<string, string>;
interface Route { pattern: string; scope: Scope; page: (parts: Parts) => ReactNode }

const routes: Route[] = [
  { pattern: '/', scope: 'overview.read', page: () => <Overview /> },
  { pattern: '/messages', scope: 'messages.read', page: () => <Messages /> },
  { pattern: '/messages/:id', scope: 'messages.read', page: ({ id }) => <Message id={id!} key={id} /> },
  { pattern: '/quarantine', scope: 'quarantine.read', page: () => <Quarantine id={null} /> },
  { pattern: '/quarantine/:id', scope: 'quarantine.read', page: ({ id }) => <Quarantine id={id!} /> },
  { pattern: '/waiting', scope: 'waiting.read', page: () => <Waiting /> },
  { pattern: '/queue', scope: 'queue.read', page: () => <Queue /> },
  { pattern: '/settings', scope: 'settings.read', page: () => <Settings /> },
  { pattern: '/doctor', scope: 'doctor.read', page: () => <Doctor /> },
  { pattern: '/accounts', scope: 'admin', page: () => <Accounts /> },
  { pattern: '/audit', scope: 'admin', page: () => <Audit /> },
  { pattern: '/own', scope: 'own', page: () => <Own view="held" id={null} /> },
  { pattern: '/own/waiting', scope: 'own', page: () => <Own view="waiting" id={null} /> },
  { pattern: '/own/choices', scope: 'own', page: () => <Own view="choices" id={null} /> },
  { pattern: '/own/held/:id', scope: 'own', page: ({ id }) => <Own view="held" id={id!} /> },
];

function inside(session: Session, path: string): ReactNode {
  if (path === '/' && session.kind === 'recipient') return <Own view="held" id={null} />;
  if (path === '/' && !session.scopes.includes('overview.read') && session.scopes.includes('messages.read')) return <Messages />;
  for (const route of routes) {
    const parts = match(route.pattern, path);
    if (!parts) continue;
    return session.scopes.includes(route.scope) ? route.page(parts) : <Empty page icon="key" title={t('page.forbidden')}>{t(route.scope === 'own' ? 'page.forbidden.own' : 'page.forbidden.explained', { name: session.name })}</Empty>;
  }
  return <Empty page icon="search" title={t('page.missing')}>{t('page.missing.explained')}</Empty>;
}

function Page() {
  const session = useSession();
  const { path } = usePlace();
  if (session === undefined) return <div className="splash"><Loading rows={3} kind="lines" /></div>;
  if (session === null) {
    return (
      <main className="splash">
        <Empty page icon="warning" title={t('problem.unreachable')}>
          <p>{t('problem.unreachable.detail')}</p>
          <Button look="primary" icon="retry" onClick={() => void askSession()}>{t('action.again')}</Button>
        </Empty>
      </main>
    );
  }
  const link = match('/link/:token', path);
  if (link) return <LinkPage token={link.token!} key={link.token} />;
  if (path === '/setup' || (session.needs_setup && session.kind === 'none')) return <SetUp />;
  if (session.kind === 'none' || path === '/sign-in') return <SignIn />;
  return <Shell session={session}><Boundary key={path.split('/')[1]}><Suspense fallback={<Loading />}>{inside(session, path)}</Suspense></Boundary></Shell>;
}

export function App() {
  return (
    <I18nProvider locale={locale}>
      <Boundary><Suspense fallback={<div className="splash" />}><Page /></Suspense></Boundary>
      <DialogHost />
      <Notices />
    </I18nProvider>
  );
}
