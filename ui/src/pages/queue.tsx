// SPDX-License-Identifier: Apache-2.0
import { useRef } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { can, post } from '../api/client';
import type { Changed, Destination, Destinations, QueueEntry } from '../api/types';
import { useLoad, usePages } from '../api/use';
import { bytes, number } from '../lib/format';
import { useRowKeys } from '../lib/keys';
import { address, Link, navigate, usePageTitle } from '../lib/router';
import { confirm } from '../parts/dialog';
import { FilterText, SearchBar, useFilters } from '../parts/filters';
import { Icon, type IconName } from '../parts/icons';
import { announce, complain } from '../parts/notices';
import { Badge, Card, CopyButton, Empty, Failed, Loading, More, Outside, PageHead, Select, Skeleton, Try, When, type Tone } from '../parts/ui';
import { t, T, word, type Key } from '../text';

type Action = 'retry' | 'hold' | 'release' | 'drop';
const actions: Action[] = ['retry', 'hold', 'release', 'drop'];
const icons: Record<Action, IconName> = { retry: 'retry', hold: 'hold', release: 'release', drop: 'trash' };
const states = ['queued', 'held', 'refused', 'expired'] as const;
const tones: Record<string, Tone> = { queued: 'accent', held: 'held', refused: 'bad', expired: 'bad', delivered: 'ok' };
const names = ['state', 'destination', 'sender', 'recipient'];

async function change(action: Action, what: { id?: string; destination?: string; name: string; count?: number }, after: () => void) {
  // Only a retry of one message changes nothing that one could regret.
  const isHarmless = what.id !== undefined && action === 'retry';
  if (!isHarmless) {
    const agreed = await confirm({
      title: t(`queue.${action}.title`, { name: what.name }), action: t(`queue.${action}`), danger: action === 'drop',
      body: t(`queue.${action}.explained`),
    });
    if (!agreed) return;
  }
  try {
    const answer = what.id !== undefined ? await post<Changed>(`/queue/${encodeURIComponent(what.id)}/${action}`) : await post<Changed>(`/queue/${action}`, {}, { destination: what.destination });
    announce(t(`queue.${action}.done`, { count: answer.changed }));
    after();
  } catch (error) {
    complain(error);
  }
}

function Actions({ label, act, can: which }: { label: string; act: (action: Action) => void; can: Action[] }) {
  return (
    <MenuTrigger>
      <AriaButton className="icon-button" aria-label={label}><Icon name="more" /></AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={label} onAction={(key) => act(key as Action)}>
          {actions.filter((action) => which.includes(action)).map((action) => <MenuItem key={action} id={action} className={`menu-item${action === 'drop' ? ' danger' : ''}`} textValue={t(`queue.${action}`)}><Icon name={icons[action]} />{t(`queue.${action}`)}</MenuItem>)}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function DestinationRow({ one, current, after }: { one: Destination; current: boolean; after: () => void }) {
  return (
    <tr className={current ? 'current' : undefined}>
      <td className="cell-main">
        <Link to={address('/queue', { destination: current ? null : one.destination })} className="row-link" aria-current={current ? 'true' : undefined}><Outside>{one.destination}</Outside></Link>
        {one.last_reply && <span className="cell-sub"><bdi>{one.last_reply}</bdi></span>}
      </td>
      <td className="cell-states">
        {states.filter((state) => one[state] > 0).map((state) => <Badge key={state} tone={tones[state]}>{number(one[state])} {t(`queue.${state}` as Key)}</Badge>)}
        {one.active > 0 && <Badge tone="ok" icon="forward">{t('queue.active', { count: one.active })}</Badge>}
      </td>
      <td className="cell-size end">{bytes(one.bytes)}</td>
      <td className="cell-time">{one.oldest && <T k="queue.since" v={{ time: <When time={one.oldest} form="relative" /> }} />}</td>
      <td className="cell-next">{one.next ? <When time={one.next} form="relative" /> : <span className="quiet-text">{t('queue.no_next')}</span>}</td>
      {can('queue.act') && <td className="cell-act"><Actions label={t('queue.actions.of', { name: one.destination })} can={actions} act={(action) => void change(action, { destination: one.destination, name: one.destination }, after)} /></td>}
    </tr>
  );
}

function MessageRow({ entry, after }: { entry: QueueEntry; after: () => void }) {
  return (
    <li className="queue-item">
      <div className="queue-head">
        <div>
          <p className="held-line">
            {can('messages.read') ? <Link to={`/messages/${encodeURIComponent(entry.id)}`} className="row-link" data-row>{entry.sender ? <Outside>{entry.sender}</Outside> : t('sender.null')}</Link> : <span className="row-link" data-row tabIndex={-1}>{entry.sender ? <Outside>{entry.sender}</Outside> : t('sender.null')}</span>}
            {entry.damaged && <Badge tone="bad" icon="warning">{t('queue.damaged')}</Badge>}
          </p>
          <p className="quiet-text"><T k="queue.accepted" v={{ time: <When time={entry.accepted} /> }} /> · {bytes(entry.size)} · <code>{entry.id}</code><CopyButton text={entry.id} label={t('action.copy.id')} /></p>
        </div>
        {can('queue.act') && <Actions label={t('queue.actions.of', { name: entry.sender ?? t('sender.null') })} can={actions} act={(action) => void change(action, { id: entry.id, name: entry.sender ?? t('sender.null') }, after)} />}
      </div>
      <ul className="queue-recipients">
        {entry.recipients.map((recipient) => (
          <li key={recipient.number}>
            <Badge tone={tones[recipient.state] ?? 'calm'}>{word('queue.', recipient.state)}</Badge>
            <div>
              <p><Outside>{recipient.address}</Outside> <span className="quiet-text"><T k="queue.to" v={{ destination: <bdi>{recipient.destination}</bdi> }} /></span></p>
              {recipient.reply && <p className="reply"><code><bdi>{recipient.reply}</bdi></code></p>}
            </div>
            <span className="quiet-text queue-due">{t('queue.attempts', { count: recipient.attempts })}{recipient.due && <> · <T k="queue.next" v={{ time: <When time={recipient.due} form="relative" /> }} /></>}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}

export default function Queue() {
  usePageTitle(t('nav.queue'));
  const [filters, set] = useFilters(names);
  const destinations = useLoad<Destinations>('/queue/destinations');
  const pages = usePages<QueueEntry>('/queue', 'messages', { ...filters, limit: 50 }, 'after');
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list);
  const after = () => {
    destinations.reload();
    pages.reload();
  };
  const field = (name: string) => ({ value: filters[name]!, onChange: (value: string) => set({ [name]: value || null }) });
  const active = names.filter((name) => filters[name]).length;
  const isEmpty = destinations.data?.destinations.length === 0 && pages.items?.length === 0 && active === 0;
  return (
    <div className="page queue">
      <PageHead title={t('nav.queue')} lead={t('queue.lead')} refresh={after} />
      {isEmpty ? (
        <Empty icon="queue" title={t('queue.empty')}><p>{t('queue.empty.explained')}</p><Try command="mailreeve queue list" /></Empty>
      ) : (
        <>
          <Card title={t('queue.destinations')}>
            {destinations.failure && <Failed failure={destinations.failure} retry={destinations.reload} />}
            {!destinations.data ? !destinations.failure && <Skeleton rows={3} />
            : destinations.data.destinations.length === 0 ? <p className="quiet-text">{t('queue.destinations.none')}</p>
            : (
              <table className="list destinations">
                <caption className="unseen">{t('queue.destinations')}</caption>
                <thead><tr><th scope="col">{t('queue.destination')}</th><th scope="col">{t('queue.state')}</th><th scope="col" className="end">{t('column.size')}</th><th scope="col">{t('queue.oldest')}</th><th scope="col">{t('queue.next_attempt')}</th>{can('queue.act') && <th scope="col"><span className="unseen">{t('column.action')}</span></th>}</tr></thead>
                <tbody>{destinations.data.destinations.map((one) => <DestinationRow key={one.destination} one={one} current={filters.destination === one.destination} after={after} />)}</tbody>
              </table>
            )}
          </Card>
          <h2 className="section">{t('queue.messages')}</h2>
          <SearchBar value={filters.recipient!} onSearch={(text) => set({ recipient: text || null })} label={t('queue.search')} placeholder={t('queue.search.hint')} active={active - (filters.recipient ? 1 : 0)} onClear={() => navigate('/queue')}>
            <Select label={t('queue.state')} value={filters.state} onChange={(event) => set({ state: event.target.value || null })}>
              <option value="">{t('filter.any')}</option>
              {states.map((state) => <option key={state} value={state}>{t(`queue.${state}` as Key)}</option>)}
            </Select>
            <FilterText label={t('queue.destination')} {...field('destination')} />
            <FilterText label={t('column.sender')} {...field('sender')} />
          </SearchBar>
          {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
          {!pages.items ? !pages.failure && <Loading rows={6} />
          : pages.items.length === 0 ? <Empty icon="search" title={t('queue.nothing')} />
          : <><ul className="queue-list" ref={list}>{pages.items.map((entry) => <MessageRow key={entry.id} entry={entry} after={after} />)}</ul><More next={pages.next} loading={pages.loading} more={pages.more} shown={pages.items.length} /></>}
        </>
      )}
    </div>
  );
}
