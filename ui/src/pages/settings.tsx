// SPDX-License-Identifier: Apache-2.0
import { useMemo, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { CheckView, PolicyView, Settings as Data } from '../api/types';
import { useLoad } from '../api/use';
import { number, score } from '../lib/format';
import { address, Link, navigate, usePageTitle, usePlace } from '../lib/router';
import { Icon } from '../parts/icons';
import { Badge, Check, CopyButton, Empty, Failed, Loading, PageHead, When } from '../parts/ui';
import { Code, lookOf, Weight } from '../parts/verdict';
import { t, T, word } from '../text';

function FilterBox({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  return (
    <div className="search-box slim">
      <Icon name="search" />
      <input type="search" aria-label={label} placeholder={label} value={value} onChange={(event) => onChange(event.target.value)} spellCheck={false} />
    </div>
  );
}

function Checks({ data }: { data: Data }) {
  const [text, setText] = useState('');
  const [fired, setFired] = useState(false);
  const wanted = text.trim().toLowerCase();
  const shown = data.checks
    .map((check): CheckView => ({ ...check, findings: check.findings.filter((finding) => (!fired || finding.fired > 0) && (!wanted || `${check.name} ${finding.code} ${finding.description}`.toLowerCase().includes(wanted))) }))
    .filter((check) => check.findings.length > 0);
  const most = Math.max(1, ...data.checks.flatMap((check) => check.findings.map((finding) => finding.fired)));
  return (
    <>
      <div className="tools-row">
        <FilterBox label={t('settings.checks.filter')} value={text} onChange={setText} />
        <Check label={t('settings.checks.fired_only')} checked={fired} onChange={(event) => setFired(event.target.checked)} />
        <span className="quiet-text"><T k="settings.checks.since" v={{ time: <When time={data.stats_since} form="day" /> }} /></span>
      </div>
      {shown.length === 0 && <Empty icon="search" title={t('settings.checks.nothing')} />}
      {shown.map((check) => (
        <section key={check.name} className={`check-block${check.enabled ? '' : ' off'}`}>
          <header>
            <h2><code>{check.name}</code></h2>
            <p>{check.description}</p>
            <span className="check-marks"><Badge>{word('stage.of.', check.stage)}</Badge>{!check.enabled && <Badge tone="warn" icon="abort">{t('settings.off')}</Badge>}</span>
          </header>
          <table className="list checks-table">
            <caption className="unseen">{t('settings.findings.of', { check: check.name })}</caption>
            <thead><tr><th scope="col" className="end">{t('column.weight')}</th><th scope="col">{t('column.finding')}</th><th scope="col" className="end">{t('settings.fired')}</th><th scope="col" className="end">{t('settings.released')}</th></tr></thead>
            <tbody>
              {check.findings.map((finding) => (
                <tr key={finding.code}>
                  <td className="end"><Weight value={finding.weight} /></td>
                  <td className="cell-main"><Code code={finding.code} /><span className="finding-means">{finding.description}</span></td>
                  <td className="end cell-fired">
                    <span className="phone-label">{t('settings.fired')}: </span>
                    {finding.fired > 0 ? <Link to={address('/messages', { finding: finding.code, since: Date.parse(data.stats_since) || null })}>{number(finding.fired)}</Link> : <span className="quiet-text">0</span>}
                    <span className="fired-bar" aria-hidden="true"><span style={{ width: `${(finding.fired / most) * 100}%` }} /></span>
                  </td>
                  <td className="end cell-released"><span className="phone-label">{t('settings.released')}: </span>{finding.released > 0 ? <Badge tone="warn" title={t('settings.released.explained')}>{number(finding.released)}</Badge> : <span className="quiet-text">0</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}

const limits = ['greylist', 'tag', 'quarantine', 'reject'] as const;

function Policies({ list }: { list: PolicyView[] }) {
  const codes = [...new Set(list.flatMap((policy) => [...Object.keys(policy.actions), ...Object.keys(policy.weights)]))].sort();
  const row = (name: string, cell: (policy: PolicyView) => React.ReactNode, key = name) => <tr key={key}><th scope="row">{name}</th>{list.map((policy) => <td key={policy.name}>{cell(policy)}</td>)}</tr>;
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t('settings.policies')}>
      <table className="compare">
        <caption className="unseen">{t('settings.policies')}</caption>
        <thead><tr><th scope="col">{t('settings.policy')}</th>{list.map((policy) => <th scope="col" key={policy.name}><code>{policy.name}</code>{policy.label && policy.label !== policy.name && <small>{policy.label}</small>}</th>)}</tr></thead>
        <tbody>
          {limits.map((limit) => row(t('settings.from_score', { what: word('verdict.', limit) }), (policy) => (policy[limit] === null ? <span className="quiet-text">{t('settings.never')}</span> : <strong>{score(policy[limit])}</strong>), limit))}
          {row(t('settings.keep_refused'), (policy) => (policy.keep_refused ? <Badge tone="ok" icon="check">{t('yes')}</Badge> : <span className="quiet-text">{t('no')}</span>))}
          {row(t('settings.digest'), (policy) => word('digest.', policy.digest))}
          {row(t('settings.used_by'), (policy) => (policy.used_by.length ? <ul className="plain-list">{policy.used_by.map((name) => <li key={name}>{name}</li>)}</ul> : <span className="quiet-text">{t('settings.unused')}</span>))}
        </tbody>
        {codes.length > 0 && (
          <tbody>
            <tr className="group"><th scope="colgroup" colSpan={list.length + 1}>{t('settings.own_rules')}</th></tr>
            {codes.map((code) => row(code, (policy) => {
              const action = policy.actions[code];
              const weight = policy.weights[code];
              if (action === undefined && weight === undefined) return <span className="quiet-text">{'\u2013'}</span>;
              return <span className="rule-cell">{action !== undefined && <Badge tone={lookOf(action).tone} icon={lookOf(action).icon}>{word('does.', action)}</Badge>}{weight !== undefined && <Weight value={weight} />}</span>;
            }))}
          </tbody>
        )}
      </table>
    </div>
  );
}

function Domains({ data }: { data: Data }) {
  if (!data.domains.length) return <Empty icon="server" title={t('settings.domains.none')}>{t('settings.domains.none.explained')}</Empty>;
  return (
    <table className="list domains">
      <caption className="unseen">{t('settings.domains')}</caption>
      <thead><tr><th scope="col">{t('settings.domain')}</th><th scope="col">{t('settings.policy')}</th><th scope="col">{t('settings.deliver')}</th><th scope="col">{t('settings.may_choose')}</th></tr></thead>
      <tbody>
        {data.domains.map((domain) => (
          <tr key={domain.name}>
            <td className="cell-main"><strong>{domain.name}</strong>{domain.aliases.length > 0 && <span className="cell-sub">{t('settings.aliases', { names: domain.aliases.join(', ') })}</span>}</td>
            <td>{domain.policy ? <code>{domain.policy}</code> : <span className="quiet-text">{t('settings.no_policy')}</span>}</td>
            <td><code>{domain.deliver}</code></td>
            <td>{domain.may_choose.length ? domain.may_choose.map((name) => <code key={name} className="code">{name}</code>) : <span className="quiet-text">{t('settings.no_choice')}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Toml({ data }: { data: Data }) {
  const [text, setText] = useState('');
  const lines = useMemo(() => data.toml.split('\n'), [data.toml]);
  const wanted = text.trim().toLowerCase();
  const shown = lines.map((line, i) => ({ line, i })).filter(({ line }) => !wanted || line.toLowerCase().includes(wanted));
  return (
    <>
      <div className="tools-row">
        <FilterBox label={t('settings.toml.filter')} value={text} onChange={setText} />
        <span className="quiet-text"><T k="settings.loaded" v={{ file: <code>{data.file}</code>, time: <When time={data.loaded} form="both" /> }} /></span>
        <CopyButton text={data.toml} label={t('settings.toml.copy')} />
      </div>
      <p className="hint">{t('settings.toml.explained')}</p>
      {shown.length === 0 && <Empty icon="search" title={t('settings.toml.nothing')} />}
      <pre className="toml" tabIndex={0} aria-label={t('settings.toml')}>
        {shown.map(({ line, i }) => {
          const kind = /^\s*#/.test(line) ? 'comment' : /^\s*\[/.test(line) ? 'head' : '';
          const key = kind ? null : /^(\s*)([\w."-]+)(\s*=\s*)(.*)$/.exec(line);
          return <span key={i} className={`toml-line ${kind}`}><span className="toml-number" aria-hidden="true">{i + 1}</span><span>{key ? <>{key[1]}<span className="toml-key">{key[2]}</span>{key[3]}<span className="toml-value">{key[4]}</span></> : line || ' '}</span>{'\n'}</span>;
        })}
      </pre>
    </>
  );
}

const tabs = ['checks', 'policies', 'domains', 'toml'] as const;

export default function Settings() {
  usePageTitle(t('nav.settings'));
  const { data, failure, reload } = useLoad<Data>('/settings');
  const { query } = usePlace();
  const wanted = query.get('tab') as (typeof tabs)[number];
  const tab = tabs.includes(wanted) ? wanted : 'checks';
  return (
    <div className="page settings">
      <PageHead title={t('nav.settings')} lead={t('settings.lead')} />
      {failure && <Failed failure={failure} retry={reload} />}
      {!data ? !failure && <Loading rows={10} /> : (
        <Tabs className="tabs" selectedKey={tab} onSelectionChange={(key) => navigate(address('/settings', { tab: key === 'checks' ? null : String(key) }), { replace: true })}>
          <TabList className="tab-list" aria-label={t('nav.settings')}>{tabs.map((one) => <Tab key={one} id={one} className="tab">{t(`settings.${one}`)}</Tab>)}</TabList>
          <TabPanel id="checks" className="tab-panel"><Checks data={data} /></TabPanel>
          <TabPanel id="policies" className="tab-panel">{data.policies.length ? <Policies list={data.policies} /> : <Empty icon="scale" title={t('settings.policies.none')} />}</TabPanel>
          <TabPanel id="domains" className="tab-panel"><Domains data={data} /></TabPanel>
          <TabPanel id="toml" className="tab-panel"><Toml data={data} /></TabPanel>
        </Tabs>
      )}
    </div>
  );
}
