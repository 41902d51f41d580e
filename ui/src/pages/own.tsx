// SPDX-License-Identifier: Apache-2.0
// A recipient's own pages: their held mail, what waits, whom they allow and block, what they want.
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { call, post } from '../api/client';
import type { HeldActionResult, OwnAction, OwnItem, OwnSettings } from '../api/types';
import { useLoad, usePages } from '../api/use';
import { bytes } from '../lib/format';
import { useKeys, useRowKeys } from '../lib/keys';
import { address, Link, navigate, usePageTitle, usePlace } from '../lib/router';
import { FormDialog, openDialog } from '../parts/dialog';
import { SearchBar, useFilters } from '../parts/filters';
import { KindExplained, tell } from '../parts/held-actions';
import { Icon, type IconName } from '../parts/icons';
import { announce, complain } from '../parts/notices';
import { Preview } from '../parts/preview';
import { Button, Card, Check, Empty, Facts, Failed, Field, IconButton, Loading, More, Outside, PageHead, Select, When } from '../parts/ui';
import { KindBadge, StateBadge } from '../parts/verdict';
import { WaitingList } from '../parts/waiting-list';
import { t, T, word, type Key } from '../text';

type Action = OwnAction['action'];
const icons: Record<Action, IconName> = { release: 'release', release_and_allow: 'allow', ask: 'ask', delete: 'trash', delete_and_block: 'block' };
const isOpen = (item: OwnItem) => item.state === 'waiting' || item.state === 'asked';

function Ask({ action, items, close, after }: { action: Action; items: OwnItem[]; close: () => void; after: () => void }) {
  const submit = async () => {
    try {
      tell(t(`own.done.${action}`), await post<HeldActionResult>('/own/actions', { action, ids: items.map((item) => item.id) } satisfies OwnAction));
      close();
      after();
    } catch (error) {
      complain(error);
    }
  };
  return (
    <FormDialog title={t(`own.${action}.title` as Key, { count: items.length })} action={t(`own.${action}` as Key)} danger={action.startsWith('delete')} close={close} submit={submit}>
      <ul className="what">{items.slice(0, 4).map((item) => <li key={item.id}><Outside fallback="subject.none">{item.subject}</Outside><span className="quiet-text"><Outside fallback="sender.null">{item.from || item.sender}</Outside></span></li>)}
        {items.length > 4 && <li className="quiet-text">{t('list.others', { count: items.length - 4 })}</li>}</ul>
      <p>{t(`own.${action}.explained` as Key)}</p>
    </FormDialog>
  );
}

function start(action: Action, items: OwnItem[], after: () => void) {
  const fit = items.filter((item) => isOpen(item) && (action.startsWith('release') ? item.can_release : action === 'ask' ? !item.can_release && item.state !== 'asked' : true));
  if (!fit.length) {
    if (items.length) announce(t('own.unfit'), 'bad', t(`own.unfit.${action}` as Key));
    return;
  }
  openDialog((close) => <Ask action={action} items={fit} close={close} after={after} />);
}

function Detail({ item, after, close }: { item: OwnItem; after: (gone: boolean) => void; close: string }) {
  usePageTitle(item.subject || t('subject.none'));
  const act = (action: Action) => start(action, [item], () => after(action !== 'ask'));
  const free: Action = item.can_release ? 'release' : 'ask';
  useKeys({ r: () => act(free), d: () => act('delete') });
  return (
    <section className="detail" aria-label={t('held.detail')}>
      <div className="detail-head">
        <div>
          <h1 className="detail-subject" tabIndex={-1}><Outside fallback="subject.none">{item.subject}</Outside></h1>
          <p className="detail-from"><Outside fallback="sender.null">{item.from || item.sender}</Outside></p>
        </div>
        <Link to={close} className="icon-button detail-close" aria-label={t('held.close')} title={t('held.close')}><Icon name="close" /></Link>
      </div>
      <p className="why big"><bdi>{item.why}</bdi></p>
      <KindExplained item={item} />
      {isOpen(item) ? (
        <div className="toolbar" role="toolbar" aria-label={t('held.actions')}>
          {item.can_release ? (
            <>
              <Button look="primary" icon="release" shortcut="r" onClick={() => act('release')}>{t('own.release')}</Button>
              <Button icon="allow" onClick={() => act('release_and_allow')}>{t('own.release_and_allow')}</Button>
            </>
          ) : item.state === 'asked' ? <StateBadge state="asked" /> : <Button look="primary" icon="ask" shortcut="r" onClick={() => act('ask')}>{t('own.ask')}</Button>}
          <Button icon="trash" shortcut="d" onClick={() => act('delete')}>{t('own.delete')}</Button>
          <Button icon="block" onClick={() => act('delete_and_block')}>{t('own.delete_and_block')}</Button>
        </div>
      ) : <p><StateBadge state={item.state} /></p>}
      {item.declined && isOpen(item) && <p className="note"><Icon name="info" size={16} /> {t('own.declined')}</p>}
      {!item.can_release && isOpen(item) && <p className="note"><Icon name="info" size={16} /> {t('own.only_ask')}</p>}
      <Facts items={[
        item.from !== item.sender && [t('column.sender'), <Outside fallback="sender.null">{item.sender}</Outside>],
        [t('column.time'), <When time={item.time} form="both" />],
        [t('column.expires'), <When time={item.expires} form="both" />],
        [t('column.size'), bytes(item.size)],
        item.attachments.length > 0 && [t('column.attachments'), <ul className="plain-list">{item.attachments.map((name, i) => <li key={i}><Icon name="clip" size={14} /> <Outside>{name}</Outside></li>)}</ul>],
      ]} />
      <Preview base={`/own/quarantine/${encodeURIComponent(item.id)}`} recorded={false} />
    </section>
  );
}

function Held({ id }: { id: string | null }) {
  const { query } = usePlace();
  const [filters, set] = useFilters(['text']);
  const all = query.get('view') === 'all';
  const pages = usePages<OwnItem>('/own/quarantine', 'items', { text: filters.text, state: all ? 'any' : null, limit: 50 });
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list);
  const search = query.toString();
  useEffect(() => setMarked(new Set()), [search]);
  const items = pages.items ?? [];
  const chosen = items.filter((item) => marked.has(item.id));
  const listAddress = `/own${search ? `?${search}` : ''}`;
  const to = (item: OwnItem) => `/own/held/${encodeURIComponent(item.id)}${search ? `?${search}` : ''}`;
  const open = items.find((item) => item.id === id);
  const after = () => {
    setMarked(new Set());
    pages.reload();
  };
  const mark = (item: OwnItem, on: boolean) => {
    const next = new Set(marked);
    if (on) next.add(item.id);
    else next.delete(item.id);
    setMarked(next);
  };
  const focused = () => {
    const row = document.activeElement?.closest('.held-item')?.querySelector<HTMLElement>('[data-id]');
    return items.filter((item) => item.id === row?.dataset.id);
  };
  const what = () => (chosen.length ? chosen : focused());
  useKeys({
    ...(open && !chosen.length ? {} : { r: () => start(what()[0]?.can_release === false ? 'ask' : 'release', what(), after), d: () => start('delete', what(), after) }),
    x: () => focused().forEach((item) => mark(item, !marked.has(item.id))),
  });
  return (
    <div className={`page quarantine own${id ? ' with-detail' : ''}`}>
      <PageHead title={t('nav.own.held')} lead={t('own.lead')} refresh={pages.reload} />
      <nav className="views" aria-label={t('quarantine.views')}>
        <Link className="view" to={address('/own', { text: filters.text })} aria-current={!all ? 'true' : undefined}>{t('own.view.open')}</Link>
        <Link className="view" to={address('/own', { text: filters.text, view: 'all' })} aria-current={all ? 'true' : undefined}>{t('own.view.all')}</Link>
      </nav>
      <SearchBar value={filters.text!} onSearch={(text) => set({ text: text || null })} label={t('own.search')} placeholder={t('own.search.hint')} active={0} onClear={() => navigate('/own')} />
      <div className="split">
        <div className="split-list" ref={list} aria-busy={pages.loading}>
          {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
          {!pages.items ? !pages.failure && <Loading rows={6} />
          : items.length === 0 ? (filters.text ? <Empty icon="search" title={t('quarantine.nothing')} /> : <Empty icon="check" title={t('own.none')}><p>{t('own.none.explained')}</p></Empty>)
          : (
            <>
              <div className="select-all"><Check label={chosen.length ? t('list.marked', { count: chosen.length }) : t('list.mark_all', { count: items.length })} checked={chosen.length === items.length} onChange={(event) => setMarked(event.target.checked ? new Set(items.map((item) => item.id)) : new Set())} /></div>
              <ul className="held-list">
                {items.map((item) => (
                  <li key={item.id} className={`held-item${item.id === id ? ' current' : ''}${marked.has(item.id) ? ' marked' : ''}`}>
                    <label className="row-check"><input type="checkbox" checked={marked.has(item.id)} onChange={(event) => mark(item, event.target.checked)} aria-label={t('list.mark', { name: item.subject || t('subject.none') })} /></label>
                    <div className="held-main">
                      <p className="held-line"><Link to={to(item)} className="row-link" data-row data-id={item.id} aria-current={item.id === id ? 'true' : undefined}><Outside fallback="subject.none">{item.subject}</Outside></Link>
                        {item.attachments.length > 0 && <span className="clip" title={item.attachments.join(', ')}><Icon name="clip" size={15} /><span className="unseen">{t('list.attachments', { count: item.attachments.length })}</span></span>}</p>
                      <p className="held-from"><Outside fallback="sender.null">{item.from || item.sender}</Outside></p>
                    </div>
                    <div className="held-why"><p className="held-reason"><bdi>{item.why}</bdi></p></div>
                    <div className="held-side"><span className="held-badges"><KindBadge kind={item.kind} />{item.state !== 'waiting' && <StateBadge state={item.state} />}</span><span className="quiet-text held-numbers"><When time={item.time} /></span></div>
                  </li>
                ))}
              </ul>
              <More next={pages.next} loading={pages.loading} more={pages.more} shown={items.length} />
            </>
          )}
        </div>
        {id && !open && pages.items && !pages.loading && <section className="detail"><Empty page icon="search" title={t('own.gone')}><Link to={listAddress}>{t('held.close')}</Link></Empty></section>}
        {open && <Detail key={open.id} item={open} close={listAddress} after={(gone) => {
          pages.reload();
          if (gone) navigate(listAddress, { replace: true });
        }} />}
      </div>
      {chosen.length > 0 && (
        <div className="bulk" role="region" aria-label={t('list.bulk')}>
          <span role="status">{t('list.marked', { count: chosen.length })}</span>
          <div>
            {(['release', 'ask', 'delete', 'delete_and_block'] as const).map((action) => <Button key={action} small icon={icons[action]} look={action === 'release' ? 'primary' : 'plain'} onClick={() => start(action, chosen, after)}>{t(`own.${action}` as Key)}</Button>)}
            <Button small look="quiet" icon="close" onClick={() => {
              setMarked(new Set());
              list.current?.querySelector<HTMLElement>('[data-row]')?.focus();
            }}>{t('list.unmark')}</Button>
          </div>
        </div>
      )}
    </div>
  );
}

function Senders({ list, data, set }: { list: 'allow' | 'block'; data: OwnSettings; set: (data: OwnSettings) => void }) {
  const [entry, setEntry] = useState('');
  const change = async (op: 'add' | 'remove', what: string) => {
    try {
      set(await post<OwnSettings>('/own/lists', { list, op, entry: what }));
      announce(t(`own.list.${op}`, { entry: what }));
      if (op === 'add') setEntry('');
    } catch (error) {
      complain(error);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void change('add', entry.trim());
  };
  return (
    <Card title={t(`own.${list}`)}>
      <p className="hint">{t(`own.${list}.explained`)}</p>
      <form className="add-row" onSubmit={submit}>
        <Field label={t('own.list.entry')} placeholder="news@example.com" required value={entry} onChange={(event) => setEntry(event.target.value)} spellCheck={false} autoCapitalize="none" />
        <Button type="submit" icon="plus">{t('own.list.add_action')}</Button>
      </form>
      {data[list].length ? (
        <ul className="entries">{data[list].map((one) => <li key={one}><Icon name={list === 'allow' ? 'allow' : 'block'} size={16} /><Outside>{one}</Outside><IconButton icon="close" label={t('own.list.remove_action', { entry: one })} onClick={() => void change('remove', one)} /></li>)}</ul>
      ) : <p className="quiet-text">{t(`own.${list}.none`)}</p>}
    </Card>
  );
}

function Choices() {
  const { data, failure, reload, set } = useLoad<OwnSettings>('/own/settings');
  const change = async (body: { policy?: string; digest?: string }) => {
    try {
      set(await call<OwnSettings>('PUT', '/own/settings', { body }));
      announce(t('own.saved'));
    } catch (error) {
      complain(error);
      reload();
    }
  };
  return (
    <div className="page choices-page">
      <PageHead title={t('nav.own.choices')} lead={data && <T k="own.choices.lead" v={{ address: <bdi>{data.address}</bdi> }} />} />
      {failure && <Failed failure={failure} retry={reload} />}
      {!data ? !failure && <Loading rows={5} /> : (
        <div className="grid two">
          {data.policies.length > 1 && (
            <Card title={t('own.policy')}>
              <p className="hint">{t('own.policy.explained')}</p>
              <fieldset className="choices">
                <legend className="unseen">{t('own.policy')}</legend>
                {data.policies.map((policy, i) => (
                  <label key={policy.name} className="choice"><input type="radio" name="policy" checked={policy.name === data.policy} onChange={() => void change({ policy: policy.name })} /><span><strong>{policy.label || policy.name}</strong>{i === 0 && <small>{t('own.policy.usual')}</small>}</span></label>
                ))}
              </fieldset>
            </Card>
          )}
          <Card title={t('own.digest')}>
            <p className="hint">{t('own.digest.explained')}</p>
            <Select label={t('own.digest.how_often')} value={data.digest} onChange={(event) => void change({ digest: event.target.value })}>{data.digests.map((one) => <option key={one} value={one}>{word('digest.', one)}</option>)}</Select>
          </Card>
          <Senders list="allow" data={data} set={set} />
          <Senders list="block" data={data} set={set} />
        </div>
      )}
    </div>
  );
}

export default function Own({ view, id }: { view: 'held' | 'waiting' | 'choices'; id: string | null }) {
  usePageTitle(t(`nav.own.${view}`));
  if (view === 'choices') return <Choices />;
  if (view === 'waiting') {
    return (
      <div className="page">
        <PageHead title={t('nav.own.waiting')} lead={t('own.waiting.lead')} />
        <WaitingList path="/own/waiting" act text="" own />
      </div>
    );
  }
  return <Held id={id} />;
}
