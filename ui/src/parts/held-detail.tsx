// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, Tab, TabList, TabPanel, Tabs, type Key } from 'react-aria-components';
import { can } from '../api/client';
import type { HeldEntry } from '../api/types';
import { useLoad } from '../api/use';
import { bytes } from '../lib/format';
import { useKeys } from '../lib/keys';
import { Link, usePageTitle } from '../lib/router';
import { t, T } from '../text';
import { auditText } from './audit-words';
import { doAction, KindExplained, type ActionName } from './held-actions';
import { Icon, type IconName } from './icons';
import { Preview } from './preview';
import { Carried, FindingLine, Proofs, Reckoning, whyText } from './story';
import { Button, Empty, Facts, Failed, Loading, Outside, When } from './ui';
import { StateBadge, useKnowledge } from './verdict';

export const actionIcons: Record<ActionName, IconName> = {
  release: 'release', release_and_allow: 'allow', delete: 'trash', spam: 'spam', ham: 'ham', forward: 'forward', refuse_request: 'close',
};

export function HeldDetail({ id, after, close }: { id: string; after: (gone: boolean) => void; close: string }) {
  const { data, failure, reload } = useLoad<HeldEntry>(`/quarantine/${encodeURIComponent(id)}`);
  const knowledge = useKnowledge();
  usePageTitle(data ? data.subject || t('subject.none') : t('nav.quarantine'));
  const act = (action: ActionName) => {
    if (!data || data.recipients.every((recipient) => recipient.state === 'deleted') || !can('quarantine.act')) return;
    doAction(action, [data], () => {
      reload();
      after(action === 'release' || action === 'release_and_allow' || action === 'delete' || action === 'spam');
    });
  };
  const [tab, setTab] = useState<Key>('what');
  useKeys({ v: () => can('quarantine.content') && setTab('content'), r: () => act('release'), d: () => act('delete'), s: () => act('spam'), h: () => act('ham') });
  const back = <Link to={close} className="icon-button detail-close" aria-label={t('held.close')} title={t('held.close')}><Icon name="close" /></Link>;
  if (!data) return <section className="detail">{back}{failure ? <Failed failure={failure} retry={reload} /> : <Loading rows={8} />}</section>;
  const asked = data.recipients.some((recipient) => recipient.state === 'asked');
  const gone = data.recipients.every((recipient) => recipient.state === 'deleted');
  const readable = !gone && can('quarantine.content');
  const base = `/quarantine/${encodeURIComponent(data.id)}`;
  const story = data.story;
  const recipients = story?.recipients?.filter((one) => data.recipients.some((held) => held.address === one.address)) ?? [];
  return (
    <section className="detail" aria-label={t('held.detail')}>
      <div className="detail-head">
        <div>
          <h1 className="detail-subject" tabIndex={-1}><Outside fallback="subject.none">{data.subject}</Outside></h1>
          <p className="detail-from"><Outside fallback="sender.null">{data.from || data.sender}</Outside></p>
        </div>
        {back}
      </div>
      <p className="why big">{whyText(knowledge, data.decided_by, data.policy, data.kind === 'refused' ? 'reject' : 'quarantine', data.why, data.score)}</p>
      <KindExplained item={data} />
      {!gone && can('quarantine.act') && (
        <div className="toolbar" role="toolbar" aria-label={t('held.actions')}>
          <Button look="primary" icon="release" shortcut="r" onClick={() => act('release')}>{t('act.release')}</Button>
          {asked && <Button icon="close" onClick={() => act('refuse_request')}>{t('act.refuse_request')}</Button>}
          <Button icon="trash" shortcut="d" onClick={() => act('delete')}>{t('act.delete')}</Button>
          <Button icon="spam" shortcut="s" onClick={() => act('spam')}>{t('act.spam')}</Button>
          <Button icon="ham" shortcut="h" onClick={() => act('ham')}>{t('act.ham')}</Button>
          <MenuTrigger>
            <AriaButton className="button plain" aria-label={t('held.more')}><Icon name="more" /></AriaButton>
            <Popover className="popover" placement="bottom end">
              <Menu className="menu" aria-label={t('held.more')} onAction={(key) => act(key as ActionName)}>
                {(['release_and_allow', 'forward'] as const).map((action) => <MenuItem key={action} id={action} className="menu-item" textValue={t(`act.${action}`)}><Icon name={actionIcons[action]} />{t(`act.${action}`)}</MenuItem>)}
              </Menu>
            </Popover>
          </MenuTrigger>
        </div>
      )}
      <Tabs className="tabs" selectedKey={tab} onSelectionChange={setTab}>
        <TabList className="tab-list" aria-label={t('held.detail')}>
          <Tab id="what" className="tab">{t('held.tab.facts')}</Tab>
          {readable && <Tab id="content" className="tab">{t('held.tab.content')}</Tab>}
          <Tab id="why" className="tab">{t('held.tab.why')}</Tab>
          <Tab id="history" className="tab">{t('held.tab.history')}</Tab>
        </TabList>
        <TabPanel id="what" className="tab-panel">
          <ul className="recipients">
            {data.recipients.map((recipient) => (
              <li key={recipient.address}>
                <Outside>{recipient.address}</Outside> <StateBadge state={recipient.state} />
                {recipient.changed && recipient.by && <span className="quiet-text"><T k="held.changed" v={{ who: <bdi>{recipient.by}</bdi>, time: <When time={recipient.changed} form="relative" /> }} /></span>}
              </li>
            ))}
          </ul>
          <Facts items={[
            [t('column.sender'), <Outside fallback="sender.null">{data.sender}</Outside>],
            [t('column.client'), <code>{data.client}</code>],
            [t('column.time'), <When time={data.time} form="both" />],
            [t('column.expires'), <When time={data.expires} form="both" />],
            [t('column.size'), bytes(data.size)],
            data.attachments.length > 0 && [t('column.attachments'), <ul className="plain-list">{data.attachments.map((name, i) => <li key={i}><Icon name="clip" size={14} /> <Outside>{name}</Outside></li>)}</ul>],
            can('messages.read') && !!data.transaction && [t('column.id'), <Link to={`/messages/${encodeURIComponent(data.transaction)}`}>{t('held.story')}</Link>],
          ]} />
          {readable && (
            <div className="download">
              <a className="button" href={`/api/v1${base}/eml`} download><Icon name="download" /><span>{t('held.download')}</span></a>
              <p className="hint"><T k="held.download.explained" v={{ password: <code>infected</code> }} /></p>
            </div>
          )}
        </TabPanel>
        {readable && <TabPanel id="content" className="tab-panel"><Preview base={base} recorded /></TabPanel>}
        <TabPanel id="why" className="tab-panel why-panel">
          {story && recipients.length ? recipients.map((one) => <Reckoning key={one.address} recipient={one} story={story} several={recipients.length > 1} />)
          : story?.findings?.length ? <ul className="findings">{story.findings.map((finding, i) => <FindingLine key={i} finding={finding} knowledge={knowledge} />)}</ul>
          : data.findings.length ? <ul className="findings">{data.findings.map((code) => <FindingLine key={code} finding={{ code, weight: 0, evidence: '', check: '' }} knowledge={knowledge} />)}</ul>
          : <Empty title={t('held.why.none')} />}
          {story && <><Proofs lines={story.authentication ?? []} /><Carried story={story} /></>}
        </TabPanel>
        <TabPanel id="history" className="tab-panel">
          {data.actions.length ? (
            <ol className="log-list">
              {data.actions.map((entry, i) => (
                <li key={i}>
                  <span className="log-time"><When time={entry.time} /></span>
                  <div><p><strong><bdi>{entry.who}</bdi></strong> {auditText(entry.action)}</p>{entry.detail && <p className="quiet-text"><bdi>{entry.detail}</bdi></p>}</div>
                </li>
              ))}
            </ol>
          ) : <Empty icon="audit" title={t('held.history.none')}>{t('held.history.none.explained')}</Empty>}
        </TabPanel>
      </Tabs>
    </section>
  );
}
