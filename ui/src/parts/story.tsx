// SPDX-License-Identifier: Apache-2.0
// One message's way through the gateway: what was seen at each stage, what it weighed, what came of it.
import { Fragment, type ReactNode } from 'react';
import type { HistoryEntry, Story, StoryRecipient, Verdict } from '../api/types';
import { bytes, millis, number } from '../lib/format';
import { t, T, word } from '../text';
import { readProof } from './authentication';
import { Icon, type IconName } from './icons';
import { ScoreBar } from './score';
import { Badge, Card, CopyButton, Outside, When, type Tone } from './ui';
import { Code, lookOf, useKnowledge, VerdictBadge, Weight, type Knowledge } from './verdict';

type Found = NonNullable<Story['findings']>[number];

/** The sentence that says why, of what decided. */
export function whyText(knowledge: Knowledge, decidedBy: string, policy: string, verdict: string, why: string, score: number): ReactNode {
  const action = <strong>{word('does.', verdict)}</strong>;
  if (decidedBy === 'score') {
    // Of the record itself: the policy may have been changed since.
    const told = / is (-?\d+(?:\.\d+)?) or more/.exec(why);
    const threshold = told ? Number(told[1]) : null;
    if (threshold !== null) return <T k="why.score" v={{ score: score.toFixed(1), threshold: threshold.toFixed(1), policy, action }} />;
    return <bdi>{why}</bdi>;
  }
  const description = decidedBy ? knowledge.describe(decidedBy) : '';
  if (description) return <><T k="why.finding" v={{ description, policy, action }} /></>;
  return why ? <bdi>{why}</bdi> : verdict === 'accept' ? t('why.nothing') : '';
}

export function FindingLine({ finding, weight, knowledge, action }: { finding: Found; weight?: number; knowledge: Knowledge; action?: string }) {
  return (
    <li className="finding">
      <Weight value={weight ?? finding.weight} />
      <div>
        <p className="finding-name">
          <Code code={finding.code} />
          {action && <Badge tone={lookOf(action).tone}>{word('does.', action)}</Badge>}
        </p>
        {knowledge.describe(finding.code) && <p className="finding-means">{knowledge.describe(finding.code)}</p>}
        {finding.evidence && <p className="finding-evidence"><bdi>{finding.evidence}</bdi></p>}
      </div>
    </li>
  );
}

function Stage({ icon, title, tone = 'calm', children, time }: { icon: IconName; title: ReactNode; tone?: Tone; children?: ReactNode; time?: ReactNode }) {
  return (
    <li className={`stage ${tone}`}>
      <span className="stage-dot"><Icon name={icon} size={16} /></span>
      <div className="stage-body">
        <h3>{title}{time && <span className="stage-time">{time}</span>}</h3>
        {children}
      </div>
    </li>
  );
}

function Findings({ list, knowledge, weights }: { list: Found[]; knowledge: Knowledge; weights: Map<string, number> }) {
  if (!list.length) return null;
  return <ul className="findings">{list.map((finding, i) => <FindingLine key={i} finding={finding} weight={weights.get(finding.code)} knowledge={knowledge} />)}</ul>;
}

const outcomeTones: Record<string, Tone> = { delivered: 'ok', deferred: 'wait', refused: 'bad', expired: 'bad' };
const outcomeIcons: Record<string, IconName> = { delivered: 'check', deferred: 'defer', refused: 'reject', expired: 'abort' };

export function Timeline({ story, verdict, reply, time, deliveries }: { story: Story; verdict: Verdict; reply: string; time: string; deliveries: HistoryEntry['deliveries'] }) {
  const knowledge = useKnowledge();
  const findings = story.findings ?? [];
  const weights = new Map((story.recipients?.[0]?.findings ?? []).map((finding) => [finding.code, finding.weight]));
  const at = (...stages: string[]) => findings.filter((finding) => stages.includes(knowledge.stage(finding.code, finding.check)));
  const worst = (list: Found[]): Tone => {
    const sum = list.reduce((most, finding) => Math.max(most, finding.weight), 0);
    return sum >= 4 ? 'bad' : sum > 0 ? 'warn' : 'calm';
  };
  const { session } = story;
  const stage = (list: Found[]) => <Findings list={list} knowledge={knowledge} weights={weights} />;
  const connect = at('connect');
  const helo = at('helo');
  const mail = at('mail');
  const rcpt = at('rcpt', 'recipient', 'recipients');
  const others = findings.filter((finding) => ![...connect, ...helo, ...mail, ...rcpt].includes(finding));
  const look = lookOf(verdict);
  const content = story.content;
  const reached = story.sender !== undefined || (story.recipients?.length ?? 0) > 0;
  return (
    <ol className="timeline">
      <Stage icon="connect" title={t('stage.connect')} tone={worst(connect)} time={<When time={time} form="long" />}>
        {session && (
          <p>
            <code>{session.client}</code>
            {session.confirmed_name ? <> (<Outside>{session.confirmed_name}</Outside>)</>
              : session.names?.length ? <T k="stage.unconfirmed" v={{ name: <Outside>{session.names[0]!}</Outside> }} />
              : session.names ? t('stage.nameless') : null}
            {' · '}{t('stage.listener', { name: session.listener })}{' · '}{session.tls || t('stage.clear')}
            {session.early_talker && <> · {t('stage.early')}</>}
          </p>
        )}
        {stage(connect)}
      </Stage>
      <Stage icon="server" title={t('stage.helo')} tone={worst(helo)}>
        <p>{session?.helo ? <Outside>{session.helo}</Outside> : t('stage.helo.none')}</p>
        {stage(helo)}
      </Stage>
      {reached && (
        <Stage icon="user" title={t('stage.mail')} tone={worst(mail)}>
          <p>{story.sender ? <Outside>{story.sender}</Outside> : t('sender.null')}</p>
          {stage(mail)}
        </Stage>
      )}
      {reached && (
        <Stage icon="accounts" title={t('stage.rcpt')} tone={story.refusals?.length ? 'warn' : worst(rcpt)}>
          <ul className="plain-list">
            {story.recipients?.map((recipient) => <li key={recipient.address}><Outside>{recipient.address}</Outside> <span className="quiet-text">{t('stage.policy', { name: recipient.policy })}</span></li>)}
            {story.refusals?.map((refusal, i) => <li key={`r${i}`} className="refusal"><Icon name="reject" size={14} /> <bdi>{refusal}</bdi></li>)}
          </ul>
          {stage(rcpt)}
        </Stage>
      )}
      {(story.size !== undefined && story.size > 0 || others.length > 0) && (
        <Stage icon="messages" title={t('stage.data')} tone={worst(others)}>
          <p>
            {story.size ? bytes(story.size) : null}
            {story.from?.length ? <> · {t('stage.from', { domains: story.from.join(', ') })}</> : null}
            {content?.parts.length ? <> · {t('stage.parts', { count: content.parts.length })}</> : null}
            {content?.links ? <> · {t('stage.links', { count: content.links })}</> : null}
            {content?.language ? <> · {t('stage.language', { code: content.language })}</> : null}
          </p>
          {stage(others)}
        </Stage>
      )}
      <Stage icon={look.icon} title={word('verdict.', verdict)} tone={look.tone} time={story.ms !== undefined ? t('stage.took', { time: millis(story.ms) }) : undefined}>
        {(reply || story.reply) && <p className="reply"><span className="quiet-text">{t('stage.reply')}</span> <code><bdi>{reply || story.reply}</bdi></code></p>}
        {story.closed && <p><bdi>{story.closed}</bdi></p>}
      </Stage>
      {story.handover?.map((line, i) => <Stage key={`h${i}`} icon="forward" title={t('stage.handover')}><p className="reply"><code><bdi>{line}</bdi></code></p></Stage>)}
      {deliveries.map((one, i) => (
        <Stage key={`d${i}`} icon={outcomeIcons[one.outcome] ?? 'forward'} tone={outcomeTones[one.outcome] ?? 'calm'} title={word('outcome.', one.outcome)} time={<When time={one.time} form="long" />}>
          <p><Outside>{one.recipient}</Outside></p>
          {one.reply && <p className="reply"><code><bdi>{one.reply}</bdi></code></p>}
        </Stage>
      ))}
    </ol>
  );
}

/** Why it went as it did for one recipient, and what would have been otherwise. */
export function Reckoning({ recipient, story, several }: { recipient: StoryRecipient; story: Story; several: boolean }) {
  const knowledge = useKnowledge();
  const evidence = new Map((story.findings ?? []).map((finding) => [finding.code, finding.evidence]));
  const counted = recipient.findings;
  return (
    <Card title={several ? <T k="reckoning.for" v={{ address: <Outside>{recipient.address}</Outside> }} /> : t('reckoning.title')} tools={<VerdictBadge verdict={recipient.outcome} />}>
      {several && <p className="why">{whyText(knowledge, recipient.decided_by, recipient.policy, recipient.verdict, recipient.why, recipient.score)}</p>}
      {recipient.verdict !== recipient.outcome && <p className="note"><Icon name="info" size={16} /> {t('reckoning.alone', { verdict: word('verdict.', recipient.verdict), outcome: word('verdict.', recipient.outcome) })}</p>}
      {several && recipient.would_change && <p className="note"><Icon name="scale" size={16} /> <span><span className="quiet-text">{t('reckoning.otherwise')}</span> <bdi>{recipient.would_change}</bdi></span></p>}
      <ScoreBar parts={counted} score={recipient.score} policy={knowledge.policy(recipient.policy)} />
      {counted.length > 0 ? (
        <table className="sums">
          <thead><tr><th scope="col" className="end">{t('column.weight')}</th><th scope="col">{t('column.finding')}</th></tr></thead>
          <tbody>
            {counted.map((finding, i) => (
              <tr key={i} className={finding.code === recipient.decided_by ? 'decided' : undefined}>
                <td className="end"><Weight value={finding.weight} /></td>
                <td>
                  <Code code={finding.code} knowledge={knowledge} />{' '}
                  {finding.code === recipient.decided_by && <Badge tone={lookOf(recipient.verdict).tone}>{t('reckoning.decided')}</Badge>}
                  {finding.action && finding.code !== recipient.decided_by && <Badge>{word('does.', finding.action)}</Badge>}
                  {knowledge.describe(finding.code) && <span className="finding-means">{knowledge.describe(finding.code)}</span>}
                  {evidence.get(finding.code) && <span className="finding-evidence"><bdi>{evidence.get(finding.code)}</bdi></span>}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot><tr><td className="end"><Weight value={recipient.score} /></td><td>{t('reckoning.sum')} <span className="quiet-text">{t('stage.policy', { name: recipient.policy })}</span></td></tr></tfoot>
        </table>
      ) : <p className="quiet-text">{t('reckoning.none')}</p>}
    </Card>
  );
}

export function Proofs({ lines }: { lines: string[] }) {
  if (!lines.length) return null;
  return (
    <Card title={t('proof.title')}>
      <ul className="proofs">
        {lines.map((line, i) => {
          const proof = readProof(line);
          return (
            <li key={i}>
              <Badge tone={proof.tone} icon={proof.tone === 'ok' ? 'check' : proof.tone === 'bad' ? 'close' : 'info'}>{proof.method ? `${proof.method.toUpperCase()} ${proof.result}` : '?'}</Badge>
              <div>
                <p><bdi>{proof.sentence}</bdi>{proof.reason && <> <bdi className="quiet-text">{proof.reason}</bdi></>}</p>
                <p className="raw"><bdi>{line}</bdi></p>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

export function Carried({ story }: { story: Story }) {
  const content = story.content;
  if (!content || (!content.parts.length && !content.hosts?.length)) return null;
  return (
    <Card title={t('carried.title')}>
      {content.parts.length > 0 && (
        <ul className="parts">
          {content.parts.map((part, i) => (
            <li key={i}>
              <Icon name={part.name ? 'clip' : 'messages'} size={16} />
              <div>
                <p><Outside fallback="carried.nameless">{part.name ?? ''}</Outside>{part.encrypted && <Badge tone="warn">{t('carried.encrypted')}</Badge>}</p>
                <p className="quiet-text">
                  {[part.type || part.declared, bytes(part.size), part.type && part.declared && part.type !== part.declared ? t('carried.declared', { type: part.declared }) : ''].filter(Boolean).join(' · ')}
                </p>
                {part.sha256 && <p className="hash"><code>{part.sha256}</code><CopyButton text={part.sha256} label={t('action.copy.hash')} /></p>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {content.hosts && content.hosts.length > 0 && (
        <>
          <h3>{t('carried.hosts')}</h3>
          <ul className="hosts">{content.hosts.map((host) => <li key={host}><code><bdi>{host}</bdi></code></li>)}</ul>
        </>
      )}
    </Card>
  );
}

export function Lookups({ story }: { story: Story }) {
  const list = story.look_ups ?? [];
  if (!list.length) return null;
  return (
    <details className="card folded">
      <summary><h2>{t('lookups.title')}</h2> <span className="quiet-text">{number(list.length)}</span></summary>
      <div className="scroll-x">
        <table className="small-table">
          <thead><tr><th scope="col">{t('lookups.type')}</th><th scope="col">{t('lookups.name')}</th><th scope="col">{t('lookups.answer')}</th></tr></thead>
          <tbody>
            {list.map((one, i) => (
              <tr key={i}>
                <td><code>{one.type}</code></td>
                <td><code><bdi>{one.name}</bdi></code></td>
                <td>
                  {one.records?.length ? one.records.map((record, j) => <Fragment key={j}>{j > 0 && <br />}<code><bdi>{record}</bdi></code></Fragment>) : <span className="quiet-text">{one.status}</span>}
                  {one.secure && <Badge tone="ok">{t('lookups.secure')}</Badge>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function Timings({ story }: { story: Story }) {
  const list = Object.entries(story.check_ms ?? {}).sort((a, b) => b[1] - a[1]);
  if (!list.length) return null;
  const most = list[0]![1] || 1;
  return (
    <details className="card folded">
      <summary><h2>{t('timings.title')}</h2> {story.ms !== undefined && <span className="quiet-text">{millis(story.ms)}</span>}</summary>
      <ul className="timings">
        {list.map(([check, took]) => (
          <li key={check}>
            <span><code>{check}</code></span>
            <span className="timing-bar" aria-hidden="true"><span style={{ width: `${Math.max(1, (took / most) * 100)}%` }} /></span>
            <span className="end">{millis(took)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function LogLines({ lines, complete, id }: { lines: string[]; complete: boolean; id: string }) {
  return (
    <details className="card folded">
      <summary><h2>{t('log.title')}</h2> <span className="quiet-text">{number(lines.length)}</span></summary>
      {lines.length > 0 ? <pre className="log" tabIndex={0} aria-label={t('log.title')}>{lines.join('\n')}</pre> : <p className="quiet-text">{t('log.none')}</p>}
      {!complete && <p className="quiet-text">{t('log.incomplete', { id })}</p>}
    </details>
  );
}

