// SPDX-License-Identifier: Apache-2.0
// Mail whose sender was asked to come back: for operators all of it, for a recipient theirs.
import { useRef, useState } from 'react';
import { can, post } from '../api/client';
import type { HeldActionResult, WaitingItem } from '../api/types';
import { usePages } from '../api/use';
import { useRowKeys } from '../lib/keys';
import { Link } from '../lib/router';
import { t, T } from '../text';
import { confirm } from './dialog';
import { tell } from './held-actions';
import { Icon } from './icons';
import { complain } from './notices';
import { Badge, Button, Empty, Failed, Loading, More, Outside, Try, When } from './ui';

function Ready({ item }: { item: WaitingItem }) {
  if (item.let_in) return <Badge tone="ok" icon="check">{t('waiting.let_in')}</Badge>;
  if (!item.ready) return <span className="quiet-text">{t('waiting.next_try')}</span>;
  return new Date(item.ready).getTime() <= Date.now() ? <Badge tone="accent" icon="check">{t('waiting.ready')}</Badge> : <span><T k="waiting.ready_at" v={{ time: <When time={item.ready} form="relative" /> }} /></span>;
}

export function WaitingList({ path, act, text, own }: { path: string; act: boolean; text: string; own?: boolean }) {
  const pages = usePages<WaitingItem>(path, 'items', { text, limit: 50 });
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  useRowKeys(list);
  const items = pages.items ?? [];
  const chosen = items.filter((item) => marked.has(item.id) && !item.let_in);
  const letIn = async (which: WaitingItem[]) => {
    const agreed = await confirm({
      title: t('waiting.let_in.title', { count: which.length }), action: t('waiting.act'),
      body: (
        <>
          <ul className="what">{which.slice(0, 4).map((item) => <li key={item.id}><Outside fallback="sender.null">{item.sender}</Outside><span className="quiet-text">{item.client}</span></li>)}</ul>
          <p>{t('waiting.let_in.explained')}</p>
        </>
      ),
    });
    if (!agreed) return;
    try {
      tell(t('waiting.let_in.done'), await post<HeldActionResult>(`${path}/let-in`, { ids: which.map((item) => item.id) }));
      setMarked(new Set());
      pages.reload();
    } catch (error) {
      complain(error);
    }
  };
  if (!pages.items) return pages.failure ? <Failed failure={pages.failure} retry={pages.reload} /> : <Loading rows={8} />;
  if (!items.length) {
    return text ? <Empty icon="search" title={t('waiting.nothing')} /> : (
      <Empty icon="waiting" title={t('waiting.empty')}>
        <p>{t(own ? 'waiting.empty.own' : 'waiting.empty.explained')}</p>
        {!own && <Try command="swaks --server 127.0.0.1 --from stranger@example.com --to user@your-domain.example" />}
      </Empty>
    );
  }
  return (
    <div ref={list} aria-busy={pages.loading}>
      {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
      <table className="list waiting-table">
        <caption className="unseen">{t('nav.waiting')}</caption>
        <thead>
          <tr>
            {act && <th scope="col" className="mark-col"><span className="unseen">{t('list.marked.column')}</span></th>}
            <th scope="col">{t('column.sender')}</th><th scope="col">{t('column.recipient')}</th><th scope="col">{t('column.why')}</th><th scope="col">{t('waiting.tries')}</th><th scope="col">{t('waiting.when')}</th>
            {act && <th scope="col"><span className="unseen">{t('column.action')}</span></th>}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              {act && <td className="mark-col"><label className="row-check"><input type="checkbox" disabled={item.let_in} checked={marked.has(item.id)} aria-label={t('list.mark', { name: item.sender || t('sender.null') })} onChange={(event) => {
                const next = new Set(marked);
                if (event.target.checked) next.add(item.id);
                else next.delete(item.id);
                setMarked(next);
              }} /></label></td>}
              <td className="cell-main">
                {can('messages.read') ? <Link to={`/messages/${encodeURIComponent(item.id)}`} className="row-link" data-row><Outside fallback="sender.null">{item.sender}</Outside></Link> : <span className="row-link" data-row tabIndex={-1}><Outside fallback="sender.null">{item.sender}</Outside></span>}
                <span className="cell-sub"><code>{item.client}</code></span>
              </td>
              <td className="cell-to"><Outside>{item.recipients[0] ?? ''}</Outside>{item.recipients.length > 1 && <span className="cell-sub">{t('list.others', { count: item.recipients.length - 1 })}</span>}</td>
              <td className="cell-why"><Badge tone="wait" icon={item.kind === 'greylist' ? 'waiting' : 'defer'}>{t(`waiting.kind.${item.kind}`)}</Badge> <span className="cell-sub"><bdi>{item.why}</bdi></span></td>
              <td className="cell-tries"><T k={item.tries === 1 ? 'waiting.tried.once' : 'waiting.tried'} v={{ count: item.tries, time: <When time={item.time} form="relative" /> }} /><span className="cell-sub"><T k="waiting.first" v={{ time: <When time={item.first} /> }} /></span></td>
              <td className="cell-ready"><Ready item={item} /></td>
              {act && <td className="cell-act">{!item.let_in && <Button small icon="check" onClick={() => void letIn([item])}>{t('waiting.act')}</Button>}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <More next={pages.next} loading={pages.loading} more={pages.more} shown={items.length} />
      {chosen.length > 0 && (
        <div className="bulk" role="region" aria-label={t('list.bulk')}>
          <span role="status">{t('list.marked', { count: chosen.length })}</span>
          <div>
            <Button small icon="check" look="primary" onClick={() => void letIn(chosen)}>{t('waiting.act')}</Button>
            <Button small look="quiet" icon="close" onClick={() => setMarked(new Set())}>{t('list.unmark')}</Button>
          </div>
        </div>
      )}
      <p className="hint foot"><Icon name="info" size={16} /> {t('waiting.hint')}</p>
    </div>
  );
}
