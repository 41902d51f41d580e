// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense, useEffect, useState } from 'react';
import { can } from '../api/client';
import { liveState, overview as liveOverview } from '../api/live';
import type { Attention, Health, Overview as Data, Verdict } from '../api/types';
import { useLoad } from '../api/use';
import { bytes, clockTime, dayTime, number, percent } from '../lib/format';
import { address, Link, navigate, usePageTitle, usePlace } from '../lib/router';
import { useStore } from '../lib/store';
import { Icon, type IconName } from '../parts/icons';
import { Badge, Card, Empty, Failed, Loading, Meter, PageHead, Segments, Skeleton, Try, When, type Tone } from '../parts/ui';
import { lookOf, useKnowledge, verdicts } from '../parts/verdict';
import { t, T, word, type Key } from '../text';

// Begun at once: by the time the numbers are there, so is what draws them.
const chart = import('../parts/chart');
chart.catch(() => undefined);
const MailChart = lazy(() => chart);
type Range = Data['range'];
const ranges: Range[] = ['1h', '24h', '7d'];
const hours: Record<Range, number> = { '1h': 1, '24h': 24, '7d': 168 };

function NeedsAttention({ list }: { list: Attention[] }) {
  const icons: Record<Attention['severity'], IconName> = { error: 'warning', warning: 'warning', info: 'info' };
  const order = { error: 0, warning: 1, info: 2 };
  if (!list.length) return <p className="all-well"><Icon name="check" size={18} /> {t('attention.none')}</p>;
  return (
    <Card title={t('attention.title')} className="attention">
      <ul>
        {[...list].sort((a, b) => order[a.severity] - order[b.severity]).map((one, i) => (
          <li key={i} className={one.severity}>
            <Icon name={icons[one.severity]} size={18} />
            <p><span className="unseen">{t(`severity.${one.severity}` as Key)}: </span>{one.text}</p>
            {one.page !== 'none' && <Link to={`/${one.page}`} className="button small">{t('attention.open', { page: t(`nav.${one.page}` as Key) })}</Link>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const healthTones: Record<Health['state'], Tone> = { ok: 'ok', warning: 'warn', failing: 'bad', off: 'calm', unknown: 'calm' };
const healthIcons: Record<Health['state'], IconName> = { ok: 'check', warning: 'warning', failing: 'close', off: 'abort', unknown: 'ask' };

function HealthList({ list }: { list: Health[] }) {
  const rank = { failing: 0, warning: 1, unknown: 2, ok: 3, off: 4 };
  return (
    <ul className="health">
      {[...list].sort((a, b) => rank[a.state] - rank[b.state]).map((one) => (
        <li key={one.name}>
          <Badge tone={healthTones[one.state]} icon={healthIcons[one.state]}>{t(`health.${one.state}` as Key)}</Badge>
          <div>
            <p><strong>{one.name}</strong></p>
            {one.detail && <p className="quiet-text"><bdi>{one.detail}</bdi></p>}
          </div>
          {one.since && one.state !== 'ok' && <span className="quiet-text"><When time={one.since} form="relative" /></span>}
        </li>
      ))}
    </ul>
  );
}

function Totals({ data, since }: { data: Data; since: number }) {
  const sum = verdicts.reduce((all, verdict) => all + data.totals[verdict], 0);
  return (
    <ul className="totals">
      {verdicts.map((verdict) => {
        const look = lookOf(verdict);
        const count = data.totals[verdict];
        if (!count && (verdict === 'disconnect' || verdict === 'abort' || verdict === 'defer')) return null;
        return (
          <li key={verdict}>
            <Link to={address('/messages', { verdict, since })} className={`total ${look.tone}`}>
              <span className="total-name"><span className={`swatch ${verdict}`} aria-hidden="true" />{word('verdict.', verdict)}</span>
              <span className="total-count">{number(count)}</span>
              <span className="quiet-text">{sum ? percent(count / sum) : '\u2013'}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function ChartTable({ data, shown }: { data: Data; shown: Verdict[] }) {
  const long = data.range === '7d';
  return (
    <details className="chart-table">
      <summary>{t('chart.table')}</summary>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('chart.table')}>
        <table className="small-table">
          <caption className="unseen">{t('chart.caption')}</caption>
          <thead><tr><th scope="col">{t('column.time')}</th>{shown.map((verdict) => <th scope="col" className="end" key={verdict}>{word('verdict.', verdict)}</th>)}</tr></thead>
          <tbody>
            {[...data.buckets].reverse().filter((bucket) => shown.some((verdict) => bucket[verdict] > 0)).map((bucket) => (
              <tr key={bucket.time}><th scope="row">{(long ? dayTime : clockTime)(new Date(bucket.time))}</th>{shown.map((verdict) => <td className="end" key={verdict}>{number(bucket[verdict])}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export default function Overview() {
  usePageTitle(t('nav.overview'));
  const { query } = usePlace();
  const asked = query.get('range') as Range;
  const range: Range = ranges.includes(asked) ? asked : '1h';
  const live = useStore(liveOverview);
  const state = useStore(liveState);
  const loaded = useLoad<Data>(range === '1h' && live ? null : '/overview', { range });
  const [minute, setMinute] = useState(0);
  useEffect(() => {
    if (range === '1h') return;
    const timer = setInterval(() => setMinute((n) => n + 1), 60_000);
    return () => clearInterval(timer);
  }, [range]);
  useEffect(() => {
    if (minute) loaded.reload();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [minute]);
  const knowledge = useKnowledge();
  const data = range === '1h' && live ? live : loaded.data;
  // What is true now comes from the live one even beside the numbers of a week.
  const now = live ?? data;
  const since = Math.floor((Date.now() - hours[range] * 3_600_000) / 60_000) * 60_000;
  const head = (
    <PageHead title={t('nav.overview')} lead={data && now && <T k="overview.lead" v={{ sessions: t('overview.sessions', { count: now.sessions }), time: <When time={now.time} form="long" /> }} />}>
      <Segments label={t('overview.range')} value={range} onChange={(value) => navigate(address('/', { range: value === '1h' ? null : value }), { replace: true })}
        options={ranges.map((one) => ({ value: one, label: t(`range.${one}` as Key) }))} />
    </PageHead>
  );
  if (!data || !now) {
    return <div className="page overview">{head}{loaded.failure ? <Failed failure={loaded.failure} retry={loaded.reload} /> : <><Loading rows={1} kind="block" /><Skeleton rows={5} /></>}</div>;
  }
  const shown = verdicts.filter((verdict) => data.totals[verdict] > 0);
  const sum = shown.reduce((all, verdict) => all + data.totals[verdict], 0);
  const most = Math.max(1, ...data.top_findings.map((one) => one.count));
  const held = now.quarantine;
  const full = held.limit ? held.bytes / held.limit : 0;
  return (
    <div className="page overview">
      {head}
      {loaded.failure && state !== 'live' && <Failed failure={loaded.failure} retry={loaded.reload} />}
      <NeedsAttention list={now.attention} />
      <Totals data={data} since={since} />
      <div className="grid">
        <Card title={t('chart.title')} className="wide" tools={<span className="quiet-text">{t('chart.sum', { count: sum })}</span>}>
          {sum > 0 ? (
            <>
              <Suspense fallback={<div className="chart-box"><Skeleton rows={1} kind="block" /></div>}>
                <MailChart buckets={data.buckets} step={data.step} shown={shown} long={range === '7d'} />
              </Suspense>
              <ChartTable data={data} shown={shown} />
            </>
          ) : (
            <Empty icon="messages" title={t('overview.empty')}>
              <p>{t('overview.empty.explained')}</p>
              <Try command="swaks --server 127.0.0.1 --from you@example.com --to user@your-domain.example" />
            </Empty>
          )}
        </Card>
        <Card title={t('nav.quarantine')} tools={can('quarantine.read') && <Link to="/quarantine" className="more-link">{t('overview.open')}</Link>}>
          <div className="figures">
            <Link to="/quarantine?view=asked" className="figure"><b>{number(held.asked)}</b><span>{t('overview.asked')}</span></Link>
            <Link to="/quarantine?view=held" className="figure"><b>{number(held.held)}</b><span>{t('overview.held')}</span></Link>
            <Link to="/quarantine?view=refused" className="figure"><b>{number(held.refused)}</b><span>{t('overview.refused')}</span></Link>
          </div>
          {held.limit > 0
            ? <><Meter value={held.bytes} most={held.limit} tone={full > 0.9 ? 'bad' : full > 0.75 ? 'warn' : 'accent'} label={t('overview.used', { used: bytes(held.bytes), limit: bytes(held.limit) })} /><p className="quiet-text">{t('overview.used', { used: bytes(held.bytes), limit: bytes(held.limit) })} ({percent(full)})</p></>
            : <p className="quiet-text">{t('overview.used.unlimited', { used: bytes(held.bytes) })}</p>}
        </Card>
        <Card title={t('nav.queue')} tools={can('queue.read') && <Link to="/queue" className="more-link">{t('overview.open')}</Link>}>
          {now.queue.messages ? (
            <>
              <div className="figures">
                <Link to="/queue?state=queued" className="figure"><b>{number(now.queue.queued)}</b><span>{t('queue.queued')}</span></Link>
                <Link to="/queue?state=held" className="figure"><b>{number(now.queue.held)}</b><span>{t('queue.held')}</span></Link>
                <Link to="/queue?state=refused" className={`figure${now.queue.refused ? ' bad' : ''}`}><b>{number(now.queue.refused)}</b><span>{t('queue.refused')}</span></Link>
                <Link to="/queue?state=expired" className={`figure${now.queue.expired ? ' bad' : ''}`}><b>{number(now.queue.expired)}</b><span>{t('queue.expired')}</span></Link>
              </div>
              <p className="quiet-text">{t('overview.queue', { count: now.queue.messages, size: bytes(now.queue.bytes) })} {now.queue.oldest && <T k="overview.oldest" v={{ time: <When time={now.queue.oldest} form="relative" /> }} />}</p>
            </>
          ) : <p className="all-well plain"><Icon name="check" size={18} /> {t('overview.queue.empty')}</p>}
        </Card>
        <Card title={t('overview.findings')}>
          {data.top_findings.length ? (
            <ol className="ranking">
              {data.top_findings.map((one) => (
                <li key={one.code}>
                  <Link to={address('/messages', { finding: one.code, since })} title={knowledge.describe(one.code)}>
                    <span className="ranking-bar" style={{ width: `${(one.count / most) * 100}%` }} aria-hidden="true" />
                    <code>{one.code}</code><span className="ranking-means">{knowledge.describe(one.code)}</span><span className="end">{number(one.count)}</span>
                  </Link>
                </li>
              ))}
            </ol>
          ) : <p className="quiet-text">{t('overview.findings.none')}</p>}
        </Card>
        <Card title={t('overview.health')}>
          {now.health.length ? <HealthList list={now.health} /> : <p className="quiet-text">{t('overview.health.none')}</p>}
        </Card>
      </div>
    </div>
  );
}
