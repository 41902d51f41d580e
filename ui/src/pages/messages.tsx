// SPDX-License-Identifier: Apache-2.0
import { useRef } from 'react';
import type { HistoryRecord } from '../api/types';
import { usePages } from '../api/use';
import { score } from '../lib/format';
import { useRowKeys } from '../lib/keys';
import { address, Link, navigate, usePageTitle } from '../lib/router';
import { FilterText, FilterTime, SearchBar, useFilters } from '../parts/filters';
import { Empty, Failed, Loading, More, Outside, PageHead, Select, Try, When } from '../parts/ui';
import { Code, Codes, VerdictBadge, verdicts } from '../parts/verdict';
import { t, word } from '../text';

const names = ['text', 'from', 'to', 'ip', 'verdict', 'finding', 'since', 'until'];

function Row({ record }: { record: HistoryRecord }) {
  const isMail = record.kind === 'transaction';
  return (
    <tr>
      <td className="cell-time"><When time={record.time} /></td>
      <td className="cell-verdict"><VerdictBadge verdict={record.verdict} /></td>
      <td className="cell-main">
        <Link to={`/messages/${encodeURIComponent(record.id)}`} className="row-link" data-row>
          {isMail ? <Outside fallback="sender.null">{record.sender}</Outside> : <span>{t('messages.connection')}</span>}
        </Link>
        <span className="cell-sub"><code>{record.client}</code>{record.helo && <> · <Outside>{record.helo}</Outside></>}</span>
      </td>
      <td className="cell-to">
        {record.recipients.length > 0 ? <Outside>{record.recipients[0]!}</Outside> : <span className="quiet-text">{t('none')}</span>}
        {record.recipients.length > 1 && <span className="cell-sub" title={record.recipients.slice(1).join(', ')}>{t('list.others', { count: record.recipients.length - 1 })}</span>}
      </td>
      <td className="cell-why">
        {record.decided_by === 'score' ? t('messages.by_score') : record.decided_by ? <Code code={record.decided_by} /> : <Codes codes={record.findings} most={2} />}
      </td>
      <td className="cell-score end">{score(record.score)}</td>
    </tr>
  );
}

export default function Messages() {
  usePageTitle(t('nav.messages'));
  const [filters, set] = useFilters(names);
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list);
  const pages = usePages<HistoryRecord>('/history', 'records', { ...filters, limit: 50 }, 'before');
  const active = names.filter((name) => name !== 'text' && filters[name]).length;
  const clear = () => navigate('/messages');
  const field = (name: string) => ({ value: filters[name]!, onChange: (value: string) => set({ [name]: value || null }) });
  return (
    <div className="page messages">
      <PageHead title={t('nav.messages')} lead={t('messages.lead')} refresh={pages.reload} />
      <SearchBar value={filters.text!} onSearch={(text) => set({ text: text || null })} label={t('messages.search')} placeholder={t('messages.search.hint')} active={active} onClear={clear}>
        <FilterText label={t('column.sender')} {...field('from')} placeholder="@example.com" />
        <FilterText label={t('column.recipient')} {...field('to')} placeholder="anna@example.org" />
        <FilterText label={t('column.client')} {...field('ip')} placeholder="192.0.2.0/24" />
        <Select label={t('column.verdict')} value={filters.verdict} onChange={(event) => set({ verdict: event.target.value || null })}>
          <option value="">{t('filter.any')}</option>
          {verdicts.map((verdict) => <option key={verdict} value={verdict}>{word('verdict.', verdict)}</option>)}
        </Select>
        <FilterText label={t('column.finding')} {...field('finding')} placeholder="spf.fail" />
        <FilterTime label={t('filter.since')} {...field('since')} />
        <FilterTime label={t('filter.until')} {...field('until')} />
      </SearchBar>
      {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
      <div ref={list} aria-busy={pages.loading}>
        {!pages.items ? (!pages.failure && <Loading rows={10} />)
        : pages.items.length === 0 ? (
          active || filters.text
            ? <Empty icon="search" title={t('messages.nothing')}>{t('messages.nothing.explained')} <Link to={address('/messages')}>{t('search.clear')}</Link></Empty>
            : <Empty icon="messages" title={t('messages.empty')}><p>{t('messages.empty.explained')}</p><Try command="swaks --server 127.0.0.1 --from you@example.com --to user@your-domain.example" /></Empty>
        ) : (
          <>
            <table className="list messages-table">
              <caption className="unseen">{t('messages.caption')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('column.time')}</th><th scope="col">{t('column.verdict')}</th><th scope="col">{t('column.sender')}</th>
                  <th scope="col">{t('column.recipient')}</th><th scope="col">{t('column.decided')}</th><th scope="col" className="end">{t('column.score')}</th>
                </tr>
              </thead>
              <tbody>{pages.items.map((record) => <Row key={record.id} record={record} />)}</tbody>
            </table>
            <More next={pages.next} loading={pages.loading} more={pages.more} shown={pages.items.length} />
          </>
        )}
      </div>
    </div>
  );
}
