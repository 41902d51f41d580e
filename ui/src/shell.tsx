// SPDX-License-Identifier: Apache-2.0
// What surrounds every page: navigation, whether what is shown is live, the account, the keys.
import { Component, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, Section, Separator, Header } from 'react-aria-components';
import { signOut } from './api/client';
import { liveState, overview } from './api/live';
import type { Scope, Session } from './api/types';
import { dialogOpen, openDialog } from './parts/dialog';
import { Icon, Mark, type IconName } from './parts/icons';
import { Button, Empty } from './parts/ui';
import { ChangePassword, KeysHelp } from './parts/account';
import { useKeys } from './lib/keys';
import { Link, match, navigate, usePlace, wantedScroll } from './lib/router';
import { useStore } from './lib/store';
import { choose, useChoices, type Theme } from './lib/theme';
import { number } from './lib/format';
import { t, word, type Key } from './text';

export class Boundary extends Component<{ children: ReactNode }, { broken: 'no' | 'absent' | 'mistake' }> {
  state: { broken: 'no' | 'absent' | 'mistake' } = { broken: 'no' };
  static getDerivedStateFromError(error: unknown) {
    // A page's script did not come: the gateway is away, or was upgraded since this page was opened.
    return { broken: /import|module|preload/i.test(String(error)) ? 'absent' : 'mistake' };
  }
  render() {
    if (this.state.broken === 'no') return this.props.children;
    const { broken } = this.state;
    return (
      <Empty page icon="warning" title={t(broken === 'absent' ? 'page.absent' : 'page.broken')}>
        <p role="alert">{t(broken === 'absent' ? 'page.absent.explained' : 'page.broken.explained')}</p>
        <Button look="primary" icon="retry" onClick={() => location.reload()}>{t('action.reload')}</Button>
      </Empty>
    );
  }
}

interface Item { to: string; text: Key; icon: IconName; scope: Scope; key: string; count?: number; tone?: 'bad' | 'accent' }

function useItems(session: Session): Item[] {
  const now = useStore(overview);
  if (session.kind === 'recipient') {
    return [
      { to: '/own', text: 'nav.own.held', icon: 'quarantine', scope: 'own', key: 'q' },
      { to: '/own/waiting', text: 'nav.own.waiting', icon: 'waiting', scope: 'own', key: 'w' },
      { to: '/own/choices', text: 'nav.own.choices', icon: 'settings', scope: 'own', key: 's' },
    ];
  }
  const attention = now?.attention.filter((one) => one.severity !== 'info').length ?? 0;
  const items: Item[] = [
    { to: '/', text: 'nav.overview', icon: 'overview', scope: 'overview.read', key: 'o', count: attention, tone: 'bad' },
    { to: '/messages', text: 'nav.messages', icon: 'messages', scope: 'messages.read', key: 'm' },
    { to: '/quarantine', text: 'nav.quarantine', icon: 'quarantine', scope: 'quarantine.read', key: 'q', count: now?.quarantine.asked, tone: 'accent' },
    { to: '/waiting', text: 'nav.waiting', icon: 'waiting', scope: 'waiting.read', key: 'w' },
    { to: '/queue', text: 'nav.queue', icon: 'queue', scope: 'queue.read', key: 'u' },
    { to: '/settings', text: 'nav.settings', icon: 'settings', scope: 'settings.read', key: 's' },
    { to: '/doctor', text: 'nav.doctor', icon: 'doctor', scope: 'doctor.read', key: 'd' },
    { to: '/accounts', text: 'nav.accounts', icon: 'accounts', scope: 'admin', key: 'a' },
    { to: '/audit', text: 'nav.audit', icon: 'audit', scope: 'admin', key: 'l' },
  ];
  return items.filter((item) => session.scopes.includes(item.scope));
}

function NavLink({ item, current, onClick }: { item: Item; current: boolean; onClick?: () => void }) {
  return (
    <Link to={item.to} className="nav-link" title={t(item.text)} aria-current={current ? 'page' : undefined} onClick={onClick}>
      <Icon name={item.icon} size={20} />
      <span className="nav-text">{t(item.text)}</span>
      {item.count ? <span className={`count ${item.tone ?? ''}`}>{number(item.count)}<span className="unseen"> {t(item.tone === 'bad' ? 'nav.attention' : 'nav.asked')}</span></span> : null}
    </Link>
  );
}

const liveTexts = { off: 'live.off', connecting: 'live.connecting', live: 'live.live', polling: 'live.polling' } as const;

function Live() {
  const state = useStore(liveState);
  if (state === 'off') return null;
  return <span className={`live ${state}`} title={t(`${liveTexts[state]}.explained` as Key)}><span className="live-dot" aria-hidden="true" /><span role="status">{t(liveTexts[state])}</span></span>;
}

export function ThemeMenu() {
  const { theme } = useChoices();
  const icons: Record<Theme, IconName> = { auto: 'auto', light: 'sun', dark: 'moon' };
  return (
    <MenuTrigger>
      <AriaButton className="icon-button" aria-label={t('theme.title')}><Icon name={icons[theme]} /></AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={t('theme.title')} selectionMode="single" selectedKeys={[theme]} onAction={(key) => choose({ theme: key as Theme })}>
          {(['auto', 'light', 'dark'] as const).map((one) => (
            <MenuItem key={one} id={one} className="menu-item" textValue={t(`theme.${one}`)}><Icon name={icons[one]} />{t(`theme.${one}`)}</MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function AccountMenu({ session }: { session: Session }) {
  const { shortcuts } = useChoices();
  const act = (key: string | number) => {
    if (key === 'password') openDialog((close) => <ChangePassword close={close} />);
    if (key === 'keys') openDialog((close) => <KeysHelp close={close} />, { wide: true });
    if (key === 'shortcuts') choose({ shortcuts: !shortcuts });
    if (key === 'out') void signOut().then(() => navigate('/'));
  };
  const item = (id: string, icon: IconName, text: string) => <MenuItem id={id} className="menu-item" textValue={text}><Icon name={icon} />{text}</MenuItem>;
  return (
    <MenuTrigger>
      <AriaButton className="account">
        <span className="avatar" aria-hidden="true">{[...session.name][0]?.toUpperCase()}</span>
        <span className="account-name"><bdi>{session.name}</bdi><small>{session.role ? word('role.', session.role) : t('role.recipient')}</small></span>
        <Icon name="down" size={14} />
        <span className="unseen">{t('account.menu')}</span>
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={t('account.menu')} onAction={act}>
          <Section>
            <Header className="menu-head"><bdi>{session.name}</bdi><small>{t('account.at', { host: session.host, version: session.version })}</small></Header>
            {session.kind === 'user' ? item('password', 'key', t('account.password')) : null}
            {item('keys', 'keyboard', t('keys.title'))}
            {item('shortcuts', shortcuts ? 'check' : 'close', shortcuts ? t('keys.on') : t('keys.off'))}
          </Section>
          <Separator className="menu-line" />
          {item('out', 'signout', t('account.sign_out'))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const items = useItems(session);
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const [drawer, setDrawer] = useState(false);
  const isCurrent = (item: Item) => (item.to === '/' ? path === '/' : item.to === '/own' ? path === '/' || path === '/own' || path.startsWith('/own/held') : path === item.to || match(`${item.to}/:id`, path) !== null);
  const before = useRef(path);
  useEffect(() => {
    const from = before.current;
    before.current = path;
    if (from === path) return;
    setDrawer(false);
    // Beside its list, a held mail changes without moving the list.
    const isSame = from.split('/')[1] === path.split('/')[1];
    if (isSame && main.current?.querySelector('.split') && matchMedia('(min-width: 1181px)').matches) return;
    const top = wantedScroll();
    let tries = 0;
    const timer = setInterval(() => {
      const heading = [...(main.current?.querySelectorAll<HTMLElement>('h1') ?? [])].find((one) => one.offsetParent !== null);
      if (++tries < 40 && (!heading || document.documentElement.scrollHeight < top + window.innerHeight)) return;
      clearInterval(timer);
      window.scrollTo(0, top);
      // Screen readers hear where they are; who works through a list by keys stays on the row.
      const row = isSame && document.activeElement !== document.body;
      if (!row) (heading ?? main.current)?.focus({ preventScroll: true });
    }, 25);
    return () => clearInterval(timer);
  }, [path]);
  useKeys({
    '?': () => !dialogOpen() && openDialog((close) => <KeysHelp close={close} />, { wide: true }),
    '/': () => {
      const search = main.current?.querySelector<HTMLInputElement>('input[type=search]');
      if (search) {
        search.focus();
        search.select();
      } else if (session.scopes.includes('messages.read')) navigate('/messages');
    },
    ...Object.fromEntries(items.map((item) => [`g ${item.key}`, () => navigate(item.to)])),
  });
  const few = items.length > 5 ? items.slice(0, 4) : items;
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        main.current?.focus();
      }}>{t('skip')}</a>
      <header className="side">
        <div className="side-top">
          <Link to="/" className="brand" aria-label={t('brand.home')}><Mark /><span className="wordmark">Mailreeve</span></Link>
          <Live />
        </div>
        <nav className="nav" aria-label={t('nav.title')}>
          {items.map((item) => <NavLink key={item.to} item={item} current={isCurrent(item)} />)}
        </nav>
        <div className="side-foot">
          <ThemeMenu />
          <AccountMenu session={session} />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>{children}</main>
      <nav className="tabs-bar" aria-label={t('nav.short')}>
        {few.map((item) => <NavLink key={item.to} item={item} current={isCurrent(item)} />)}
        {few.length < items.length && (
          <button type="button" className="nav-link" aria-expanded={drawer} aria-controls="drawer" onClick={() => setDrawer(!drawer)}>
            <Icon name={drawer ? 'close' : 'menu'} size={20} /><span className="nav-text">{t('nav.more')}</span>
          </button>
        )}
      </nav>
      {drawer && (
        <div className="drawer" id="drawer">
          <nav aria-label={t('nav.more')}>{items.slice(few.length).map((item) => <NavLink key={item.to} item={item} current={isCurrent(item)} onClick={() => setDrawer(false)} />)}</nav>
        </div>
      )}
    </div>
  );
}

/** The frame of pages before anybody is signed in. */
export function Door({ children, wide }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className="door">
      <header className="door-head">
        <span className="brand"><Mark size={30} /><span className="wordmark">Mailreeve</span></span>
        <ThemeMenu />
      </header>
      <main className={`door-card${wide ? ' wide' : ''}`} id="main">{children}</main>
    </div>
  );
}
