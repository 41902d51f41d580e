// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';
import { can } from '../api/client';
import { overview } from '../api/live';
import type { HeldItem } from '../api/types';
import { usePages } from '../api/use';
import { bytes, number, score } from '../lib/format';
import { useKeys, useRowKeys } from '../lib/keys';
import { address, lastAddress, Link, navigate, usePageTitle, usePlace } from '../lib/router';
import { useStore } from '../lib/store';
import { FilterText, FilterTime, SearchBar, useFilters } from '../parts/filters';
import { doAction, type ActionName } from '../parts/held-actions';
import { actionIcons, HeldDetail } from '../parts/held-detail';
import { Icon } from '../parts/icons';
import { Button, Check, Empty, Failed, Loading, More, Outside, PageHead, When } from '../parts/ui';
import { whyText } from '../parts/story';
import { Codes, KindBadge, StateBadge, useKnowledge, type Knowledge } from '../parts/verdict';
import { t, type Key } from '../text';

const views = ['open', 'asked', 'held', 'refused', 'all'] as const;
type View = (typeof views)[number];
const asks: Record<View, Record<string, string>> = { open: {}, asked: { state: 'asked' }, held: { kind: 'held' }, refused: { kind: 'refused' }, all: { state: 'any' } };
const names = ['text', 'sender', 'recipient', 'subject', 'finding', 'since', 'until'];

function Item({ item, current, marked, mark, to, knowledge }: { knowledge: Knowledge; item: HeldItem; current: boolean; marked: boolean; mark: (on: boolean) => void; to: string }) {
  const states = [...new Set(item.recipients.map((recipient) => recipient.state))].filter((state) => state !== 'waiting');
  return (
    <li className={`held-item${current ? ' current' : ''}${marked ? ' marked' : ''}`}>
      {!can('quarantine.act') ? <span /> : <label className="row-check"><input type="checkbox" checked={marked} onChange={(event) => mark(event.target.checked)} aria-label={t('list.mark', { name: item.subject || t('subject.none') })} /></label>}
      <div className="held-main">
        <p className="held-line">
          <Link to={to} className="row-link" data-row data-id={item.id} aria-current={current ? 'true' : undefined}><Outside fallback="subject.none">{item.subject}</Outside></Link>
          {item.attachments.length > 0 && <span className="clip" title={item.attachments.join(', ')}><Icon name="clip" size={15} /><span className="unseen">{t('list.attachments', { count: item.attachments.length })}</span></span>}
        </p>
        <p className="held-from"><Outside fallback="sender.null">{item.from || item.sender}</Outside></p>
        <p className="held-to">{t('held.to')} <Outside>{item.recipients[0]?.address ?? ''}</Outside>{item.recipients.length > 1 && <span className="quiet-text"> {t('list.others', { count: item.recipients.length - 1 })}</span>}</p>
      </div>
      <div className="held-why"><p className="held-reason">{whyText(knowledge, item.decided_by, item.policy, item.kind === 'refused' ? 'reject' : 'quarantine', item.why, item.score)}</p><Codes codes={item.findings} most={2} /></div>
      <div className="held-side">
        <span className="held-badges"><KindBadge kind={item.kind} />{states.map((state) => <StateBadge key={state} state={state} />)}</span>
        <span className="quiet-text held-numbers"><When time={item.time} /> · {score(item.score)} · {bytes(item.size)}</span>
      </div>
    </li>
  );
}

export default function Quarantine({ id }: { id: string | null }) {
  usePageTitle(t('nav.quarantine'));
  const { query } = usePlace();
  const [filters, set] = useFilters(names);
  const wanted = query.get('view') as View;
  const view: View = views.includes(wanted) ? wanted : 'open';
  const now = useStore(overview);
  const pages = usePages<HeldItem>('/quarantine', 'items', { ...filters, ...asks[view], limit: 50 });
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const knowledge = useKnowledge();
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list);
  const items = pages.items ?? [];
  const search = query.toString();
  const to = (item: HeldItem) => `/quarantine/${encodeURIComponent(item.id)}${search ? `?${search}` : ''}`;
  const listAddress = `/quarantine${search ? `?${search}` : ''}`;
  useEffect(() => setMarked(new Set()), [search]);
  const chosen = items.filter((item) => marked.has(item.id));
  const mark = (item: HeldItem, on: boolean) => {
    const next = new Set(marked);
    if (on) next.add(item.id);
    else next.delete(item.id);
    setMarked(next);
  };
  const done = () => {
    setMarked(new Set());
    pages.reload();
  };
  const focused = () => {
    const row = document.activeElement?.closest('.held-item')?.querySelector<HTMLElement>('[data-id]');
    return items.find((item) => item.id === row?.dataset.id);
  };
  const act = (action: ActionName) => {
    const one = focused();
    const what = chosen.length ? chosen : one ? [one] : [];
    if (can('quarantine.act')) doAction(action, what, done);
  };
  useKeys(id === null || chosen.length
    ? { r: () => act('release'), d: () => act('delete'), s: () => act('spam'), h: () => act('ham'), x: () => {
        const one = focused();
        if (one) mark(one, !marked.has(one.id));
      } }
    : { x: () => {
        const one = focused();
        if (one) mark(one, !marked.has(one.id));
      } });
  const afterDetail = (gone: boolean) => {
    const at = items.findIndex((item) => item.id === id);
    const next = items[at + 1] ?? items[at - 1];
    pages.reload();
    if (gone && at >= 0) navigate(next ? to(next) : listAddress, { replace: true });
  };
  const active = names.filter((name) => name !== 'text' && filters[name]).length;
  const field = (name: string) => ({ value: filters[name]!, onChange: (value: string) => set({ [name]: value || null }) });
  const counts: Partial<Record<View, number>> = now ? { asked: now.quarantine.asked, held: now.quarantine.held, refused: now.quarantine.refused } : {};
  return (
    <div className={`page quarantine${id ? ' with-detail' : ''}`}>
      <PageHead title={t('nav.quarantine')} lead={t('quarantine.lead')} refresh={pages.reload} />
      <nav className="views" aria-label={t('quarantine.views')}>
        {views.map((one) => (
          <Link key={one} to={address('/quarantine', { ...filters, view: one === 'open' ? null : one })} className="view" aria-current={one === view ? 'true' : undefined}>
            {t(`quarantine.view.${one}` as Key)}{counts[one] !== undefined && <span className={`count${one === 'asked' && counts[one] ? ' accent' : ''}`}>{number(counts[one]!)}</span>}
          </Link>
        ))}
      </nav>
      <SearchBar value={filters.text!} onSearch={(text) => set({ text: text || null })} label={t('quarantine.search')} placeholder={t('quarantine.search.hint')} active={active}
        onClear={() => navigate(address('/quarantine', { view: view === 'open' ? null : view }))}>
        <FilterText label={t('column.sender')} {...field('sender')} />
        <FilterText label={t('column.recipient')} {...field('recipient')} />
        <FilterText label={t('column.subject')} {...field('subject')} />
        <FilterText label={t('column.finding')} {...field('finding')} placeholder="attachment.dangerous" />
        <FilterTime label={t('filter.since')} {...field('since')} />
        <FilterTime label={t('filter.until')} {...field('until')} />
      </SearchBar>
      <div className="split">
        <div className="split-list" ref={list} aria-busy={pages.loading}>
          {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
          {!pages.items ? (!pages.failure && <Loading rows={8} />)
          : items.length === 0 ? (
            active || filters.text ? <Empty icon="search" title={t('quarantine.nothing')}>{t('quarantine.nothing.explained')}</Empty>
            : view === 'asked' ? <Empty icon="ask" title={t('quarantine.none.asked')}>{t('quarantine.none.asked.explained')}</Empty>
            : <Empty icon="quarantine" title={t('quarantine.none')}><p>{t('quarantine.none.explained')}</p></Empty>
          ) : (
            <>
              {can('quarantine.act') && (
                <div className="select-all">
                  <Check label={chosen.length ? t('list.marked', { count: chosen.length }) : t('list.mark_all', { count: items.length })} checked={chosen.length === items.length}
                    onChange={(event) => setMarked(event.target.checked ? new Set(items.map((item) => item.id)) : new Set())} />
                </div>
              )}
              <ul className="held-list">
                {items.map((item) => <Item key={item.id} knowledge={knowledge} item={item} current={item.id === id} marked={marked.has(item.id)} mark={(on) => mark(item, on)} to={to(item)} />)}
              </ul>
              <More next={pages.next} loading={pages.loading} more={pages.more} shown={items.length} />
            </>
          )}
        </div>
        {id && <HeldDetail key={id} id={id} after={afterDetail} close={listAddress || lastAddress('/quarantine')} />}
      </div>
      {chosen.length > 0 && (
        <div className="bulk" role="region" aria-label={t('list.bulk')}>
          <span role="status">{t('list.marked', { count: chosen.length })}</span>
          <div>
            {(['release', 'delete', 'spam', 'ham', 'forward', ...(view === 'asked' ? (['refuse_request'] as const) : [])] as ActionName[]).map((action) => (
              <Button key={action} small icon={actionIcons[action]} look={action === 'release' ? 'primary' : 'plain'} onClick={() => act(action)}>{t(`act.${action}` as Key)}</Button>
            ))}
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
