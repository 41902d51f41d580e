// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { call, post, useSession, type Failure } from '../api/client';
import type { CreatedToken, Role, Scope, Token, Tokens, User, Users } from '../api/types';
import { asFailure, useLoad } from '../api/use';
import { usePageTitle } from '../lib/router';
import { password_least } from '../parts/account';
import { confirm, DialogFrame, FormDialog, openDialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { announce, complain } from '../parts/notices';
import { Badge, Button, Card, Check, CopyButton, Empty, Failed, Field, PageHead, Select, Skeleton, Try, When } from '../parts/ui';
import { t, word } from '../text';

const roles: Role[] = ['viewer', 'reviewer', 'admin'];
const scopes: Scope[] = ['overview.read', 'messages.read', 'quarantine.read', 'quarantine.content', 'quarantine.act', 'waiting.read', 'waiting.act', 'queue.read', 'queue.content', 'queue.act', 'settings.read', 'doctor.read', 'learn.act', 'admin'];

function RoleChoice({ role, setRole }: { role: Role; setRole: (role: Role) => void }) {
  return <Select label={t('accounts.role')} value={role} onChange={(event) => setRole(event.target.value as Role)} hint={t(`role.${role}.explained`)}>{roles.map((one) => <option key={one} value={one}>{t(`role.${one}`)}</option>)}</Select>;
}

function AddUser({ close, after }: { close: () => void; after: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('reviewer');
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [tried, setTried] = useState(false);
  const submit = async () => {
    setTried(true);
    if (password.length < password_least) return;
    try {
      await post<User>('/users', { name: name.trim(), role, password });
      announce(t('accounts.added', { name: name.trim() }));
      close();
      after();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <FormDialog title={t('accounts.add')} action={t('accounts.add.action')} close={close} submit={submit}>
      {failure && <Failed failure={failure} />}
      <Field label={t('sign_in.name')} required autoFocus autoComplete="off" autoCapitalize="none" spellCheck={false} value={name} onChange={(event) => setName(event.target.value)} />
      <RoleChoice role={role} setRole={setRole} />
      <Field label={t('accounts.first_password')} type="password" autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.target.value)}
        hint={t('accounts.first_password.hint', { count: password_least })} error={tried && password.length < password_least ? t('password.short', { count: password_least }) : null} />
    </FormDialog>
  );
}

function ChangeUser({ user, what, close, after }: { user: User; what: 'role' | 'password'; close: () => void; after: () => void }) {
  const [role, setRole] = useState(user.role);
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async () => {
    try {
      await call<User>('PATCH', `/users/${encodeURIComponent(user.name)}`, { body: what === 'role' ? { role } : { password } });
      announce(t('accounts.changed', { name: user.name }));
      close();
      after();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <FormDialog title={t(`accounts.${what}.title`, { name: user.name })} action={t('action.save')} close={close} submit={submit}>
      {failure && <Failed failure={failure} />}
      {what === 'role' ? <RoleChoice role={role} setRole={setRole} />
        : <Field label={t('password.new')} type="password" autoComplete="new-password" required minLength={password_least} autoFocus value={password} onChange={(event) => setPassword(event.target.value)} hint={t('password.hint', { count: password_least })} />}
      <p className="hint">{t('accounts.ends_sessions')}</p>
    </FormDialog>
  );
}

function Secret({ made, close }: { made: CreatedToken; close: () => void }) {
  return (
    <DialogFrame title={t('tokens.made', { name: made.token.name })} close={close} actions={<Button look="primary" onClick={close}>{t('tokens.kept')}</Button>}>
      <p className="note warn"><Icon name="warning" size={16} /> {t('tokens.once')}</p>
      <p className="secret"><code>{made.secret}</code><CopyButton text={made.secret} label={t('tokens.copy')} /></p>
      <p className="hint">{t('tokens.use')}</p>
      <Try command={`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/overview`} />
    </DialogFrame>
  );
}

function AddToken({ close, after }: { close: () => void; after: () => void }) {
  const session = useSession();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Scope[]>(['overview.read']);
  const [days, setDays] = useState('90');
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async () => {
    try {
      const expires = days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z') : null;
      const made = await post<CreatedToken>('/tokens', { name: name.trim(), scopes: chosen, expires });
      after();
      openDialog((shut) => <Secret made={made} close={shut} />);
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <FormDialog title={t('tokens.add')} action={t('tokens.add.action')} close={close} submit={submit}>
      {failure && <Failed failure={failure} />}
      <Field label={t('tokens.name')} required autoFocus value={name} onChange={(event) => setName(event.target.value)} hint={t('tokens.name.hint')} />
      <Select label={t('tokens.lasts')} value={days} onChange={(event) => setDays(event.target.value)}>
        {['7', '30', '90', '365'].map((one) => <option key={one} value={one}>{t('tokens.days', { count: Number(one) })}</option>)}
        <option value="">{t('tokens.forever')}</option>
      </Select>
      <fieldset className="choices two">
        <legend>{t('tokens.scopes')}</legend>
        {scopes.filter((scope) => session?.scopes.includes(scope)).map((scope) => (
          <Check key={scope} label={<code>{scope}</code>} hint={t(`scope.${scope}` as 'scope.admin')} checked={chosen.includes(scope)}
            onChange={(event) => setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))} />
        ))}
      </fieldset>
    </FormDialog>
  );
}

function UserRow({ user, isMe, after }: { user: User; isMe: boolean; after: () => void }) {
  const change = async (body: object, done: string) => {
    try {
      await call<User>('PATCH', `/users/${encodeURIComponent(user.name)}`, { body });
      announce(done);
      after();
    } catch (error) {
      complain(error);
    }
  };
  const act = async (key: string | number) => {
    if (key === 'role' || key === 'password') openDialog((close) => <ChangeUser user={user} what={key} close={close} after={after} />);
    if (key === 'enable') await change({ disabled: false }, t('accounts.enabled', { name: user.name }));
    if (key === 'disable' && (await confirm({ title: t('accounts.disable.title', { name: user.name }), body: t('accounts.disable.explained'), action: t('accounts.disable'), danger: true }))) await change({ disabled: true }, t('accounts.disabled', { name: user.name }));
    if (key === 'delete' && (await confirm({ title: t('accounts.delete.title', { name: user.name }), body: t('accounts.delete.explained'), action: t('accounts.delete'), danger: true }))) {
      try {
        await call<void>('DELETE', `/users/${encodeURIComponent(user.name)}`);
        announce(t('accounts.deleted', { name: user.name }));
        after();
      } catch (error) {
        complain(error);
      }
    }
  };
  const item = (id: string, text: string, danger = false) => <MenuItem id={id} className={`menu-item${danger ? ' danger' : ''}`} textValue={text}>{text}</MenuItem>;
  return (
    <tr className={user.disabled ? 'off' : undefined}>
      <td className="cell-main"><strong><bdi>{user.name}</bdi></strong> {isMe && <Badge tone="accent">{t('accounts.you')}</Badge>}{user.disabled && <Badge tone="bad" icon="reject">{t('accounts.is_disabled')}</Badge>}</td>
      <td title={t(`role.${user.role}.explained`)}>{word('role.', user.role)}</td>
      <td className="cell-time"><When time={user.last_sign_in} form="relative" /></td>
      <td className="cell-time"><When time={user.created} /></td>
      <td className="cell-act">
        <MenuTrigger>
          <AriaButton className="icon-button" aria-label={t('accounts.actions', { name: user.name })}><Icon name="more" /></AriaButton>
          <Popover className="popover" placement="bottom end">
            <Menu className="menu" aria-label={t('accounts.actions', { name: user.name })} onAction={(key) => void act(key)}>
              {item('role', t('accounts.role.change'))}
              {item('password', t('accounts.password.set'))}
              {isMe ? null : user.disabled ? item('enable', t('accounts.enable')) : item('disable', t('accounts.disable'), true)}
              {isMe ? null : item('delete', t('accounts.delete'), true)}
            </Menu>
          </Popover>
        </MenuTrigger>
      </td>
    </tr>
  );
}

function TokenRow({ token, after }: { token: Token; after: () => void }) {
  const revoke = async () => {
    if (!(await confirm({ title: t('tokens.revoke.title', { name: token.name }), body: t('tokens.revoke.explained'), action: t('tokens.revoke'), danger: true }))) return;
    try {
      await call<void>('DELETE', `/tokens/${encodeURIComponent(token.id)}`);
      announce(t('tokens.revoked', { name: token.name }));
      after();
    } catch (error) {
      complain(error);
    }
  };
  const isOver = token.expires !== null && Date.parse(token.expires) < Date.now();
  return (
    <tr className={token.revoked || isOver ? 'off' : undefined}>
      <td className="cell-main"><strong><bdi>{token.name}</bdi></strong> {token.revoked ? <Badge tone="bad" icon="reject">{t('tokens.is_revoked')}</Badge> : isOver ? <Badge tone="warn" icon="waiting">{t('tokens.is_over')}</Badge> : null}<span className="cell-sub">{t('tokens.of', { owner: token.owner })}</span></td>
      <td className="cell-why"><span className="codes">{token.scopes.map((scope) => <code key={scope} className="code">{scope}</code>)}</span></td>
      <td className="cell-time"><When time={token.last_used} form="relative" /></td>
      <td className="cell-time">{token.expires ? <When time={token.expires} /> : t('tokens.forever')}</td>
      <td className="cell-act">{!token.revoked && <Button small icon="close" onClick={() => void revoke()}>{t('tokens.revoke')}</Button>}</td>
    </tr>
  );
}

export default function Accounts() {
  usePageTitle(t('nav.accounts'));
  const session = useSession();
  const users = useLoad<Users>('/users');
  const tokens = useLoad<Tokens>('/tokens');
  return (
    <div className="page accounts">
      <PageHead title={t('nav.accounts')} lead={t('accounts.lead')} />
      <Card title={t('accounts.users')} tools={<Button small icon="plus" look="primary" onClick={() => openDialog((close) => <AddUser close={close} after={users.reload} />)}>{t('accounts.add')}</Button>}>
        {users.failure && <Failed failure={users.failure} retry={users.reload} />}
        {!users.data ? !users.failure && <Skeleton rows={3} /> : (
          <table className="list accounts-table">
            <caption className="unseen">{t('accounts.users')}</caption>
            <thead><tr><th scope="col">{t('sign_in.name')}</th><th scope="col">{t('accounts.role')}</th><th scope="col">{t('accounts.last_sign_in')}</th><th scope="col">{t('accounts.created')}</th><th scope="col"><span className="unseen">{t('column.action')}</span></th></tr></thead>
            <tbody>{users.data.users.map((user) => <UserRow key={user.name} user={user} isMe={user.name === session?.name} after={users.reload} />)}</tbody>
          </table>
        )}
      </Card>
      <Card title={t('tokens.title')} tools={<Button small icon="plus" look="primary" onClick={() => openDialog((close) => <AddToken close={close} after={tokens.reload} />)}>{t('tokens.add')}</Button>}>
        {tokens.failure && <Failed failure={tokens.failure} retry={tokens.reload} />}
        {!tokens.data ? !tokens.failure && <Skeleton rows={2} />
        : tokens.data.tokens.length === 0 ? <Empty icon="key" title={t('tokens.none')}>{t('tokens.none.explained')}</Empty> : (
          <table className="list tokens-table">
            <caption className="unseen">{t('tokens.title')}</caption>
            <thead><tr><th scope="col">{t('tokens.name')}</th><th scope="col">{t('tokens.scopes')}</th><th scope="col">{t('tokens.last_used')}</th><th scope="col">{t('tokens.expires')}</th><th scope="col"><span className="unseen">{t('column.action')}</span></th></tr></thead>
            <tbody>{tokens.data.tokens.map((token) => <TokenRow key={token.id} token={token} after={tokens.reload} />)}</tbody>
          </table>
        )}
      </Card>
    </div>
  );
}
