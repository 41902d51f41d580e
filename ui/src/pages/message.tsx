// SPDX-License-Identifier: Apache-2.0
// The story of one message, or of a connection that brought none.
import { can } from '../api/client';
import type { HistoryEntry } from '../api/types';
import { useLoad } from '../api/use';
import { bytes } from '../lib/format';
import { lastAddress, Link, usePageTitle } from '../lib/router';
import { Icon } from '../parts/icons';
import { Carried, LogLines, Lookups, Proofs, Reckoning, Timeline, Timings, whyText } from '../parts/story';
import { Card, CopyButton, Empty, Facts, Failed, Loading, Outside, When } from '../parts/ui';
import { lookOf, useKnowledge } from '../parts/verdict';
import { t, T, type Key } from '../text';

export default function Message({ id }: { id: string }) {
  const { data, failure, reload } = useLoad<HistoryEntry>(`/history/${encodeURIComponent(id)}`);
  const knowledge = useKnowledge();
  usePageTitle(data ? t('message.title', { verdict: t(`verdict.${data.verdict}` as Key), sender: data.sender || t('sender.null') }) : t('message.loading'));
  const back = <p className="back"><Link to={lastAddress('/messages')}><Icon name="left" size={16} /> {t('nav.messages')}</Link></p>;
  if (!data) return <div className="page">{back}{failure ? <Failed failure={failure} retry={reload} /> : <Loading rows={8} />}</div>;
  const { story } = data;
  const look = lookOf(data.verdict);
  const recipients = story.recipients ?? [];
  const deciding = recipients.find((one) => one.decided_by === data.decided_by) ?? recipients[0];
  const isMail = data.kind === 'transaction';
  const hasStory = Object.keys(story).length > 0;
  return (
    <div className="page message">
      {back}
      <header className={`headline ${look.tone}`}>
        <span className="headline-icon"><Icon name={look.icon} size={26} /></span>
        <div>
          <h1 tabIndex={-1}>{t(`headline.${isMail ? data.verdict : 'connection'}` as Key)}</h1>
          <p className="why">
            {deciding ? whyText(knowledge, deciding.decided_by, deciding.policy, deciding.verdict, deciding.why, deciding.score)
              : story.closed ? <bdi>{story.closed}</bdi> : data.decided_by ? knowledge.describe(data.decided_by) || data.decided_by : t('why.nothing')}
          </p>
          {deciding?.would_change && <p className="otherwise"><Icon name="scale" size={16} /> <span>{t('reckoning.otherwise')} <bdi>{deciding.would_change}</bdi></span></p>}
        </div>
        {data.held && can('quarantine.read') && <Link to={`/quarantine/${encodeURIComponent(data.held)}`} className="button"><Icon name="quarantine" /> <span>{t('message.held')}</span></Link>}
      </header>
      <Card className="envelope">
        <Facts items={[
          isMail && [t('column.sender'), <Outside fallback="sender.null">{data.sender}</Outside>],
          isMail && [t('column.recipient'), <ul className="plain-list">{data.recipients.map((one) => <li key={one}><Outside>{one}</Outside></li>)}</ul>],
          [t('column.client'), <><code>{data.client}</code> {data.helo && <Outside>{data.helo}</Outside>}</>],
          [t('column.time'), <When time={data.time} form="both" />],
          !!story.size && [t('column.size'), bytes(story.size)],
          [t('column.reply'), data.reply ? <code><bdi>{data.reply}</bdi></code> : t('none')],
          [t('column.id'), <span className="id"><code>{data.id}</code><CopyButton text={data.id} label={t('action.copy.id')} /></span>],
        ]} />
      </Card>
      {!hasStory && <Empty icon="info" title={t('message.storyless')}>{t('message.storyless.explained')}</Empty>}
      {story.left_out && Object.keys(story.left_out).length > 0 && (
        <p className="note"><Icon name="info" size={16} /> <T k="message.left_out" v={{ what: Object.entries(story.left_out).map(([name, count]) => `${count} ${name}`).join(', ') }} /></p>
      )}
      {hasStory && (
        <div className="story">
          <div className="story-main">
            {recipients.map((one) => <Reckoning key={one.address} recipient={one} story={story} several={recipients.length > 1} />)}
            <Card title={t('message.timeline')}><Timeline story={story} verdict={data.verdict} reply={data.reply} time={data.time} deliveries={data.deliveries} /></Card>
          </div>
          <div className="story-side">
            <Proofs lines={story.authentication ?? []} />
            <Carried story={story} />
            <Timings story={story} />
            <Lookups story={story} />
            <LogLines lines={data.log} complete={data.log_complete} id={data.id} />
          </div>
        </div>
      )}
    </div>
  );
}
