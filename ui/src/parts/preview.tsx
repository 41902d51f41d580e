// SPDX-License-Identifier: Apache-2.0
// What a held mail holds, so that it cannot harm: the gateway made it safe, the frame may do nothing, attachments are
// told of and not opened, and links are text.
import { useState, type ReactNode } from 'react';
import type { Preview as Data } from '../api/types';
import { useLoad } from '../api/use';
import { bytes, number } from '../lib/format';
import { useKeys } from '../lib/keys';
import { choose, useChoices } from '../lib/theme';
import { t, word } from '../text';
import { Icon } from './icons';
import { Badge, Button, Check, CopyButton, Failed, Loading, Outside, Segments } from './ui';

type View = 'formatted' | 'text' | 'headers' | 'attachments' | 'links';

function Attachments({ list }: { list: Data['attachments'] }) {
  if (!list.length) return <p className="quiet-text">{t('preview.attachments.none')}</p>;
  return (
    <ul className="parts">
      {list.map((one, i) => (
        <li key={i}>
          <Icon name="clip" />
          <div>
            <p>
              <Outside fallback="carried.nameless">{one.name}</Outside>
              {one.encrypted && <Badge tone="warn" icon="key">{t('carried.encrypted')}</Badge>}
              {one.categories.map((category) => <Badge key={category} tone={['executable', 'script', 'screensaver', 'shortcut', 'disk-image'].includes(category) ? 'bad' : 'calm'}>{word('category.', category)}</Badge>)}
            </p>
            <p className="quiet-text">
              {[one.type || t('preview.type.unknown'), bytes(one.size), t('preview.place', { place: one.place })].join(' · ')}
              {one.declared && one.declared !== one.type && <> · <bdi>{t('carried.declared', { type: one.declared })}</bdi></>}
            </p>
            {one.sha256 && <p className="hash"><code>{one.sha256}</code><CopyButton text={one.sha256} label={t('action.copy.hash')} /></p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Links({ list }: { list: Data['links'] }) {
  if (!list.length) return <p className="quiet-text">{t('preview.links.none')}</p>;
  return (
    <ul className="links">
      {list.map((one, i) => {
        const shownHost = /^(?:https?:\/\/)?([a-z0-9.-]+\.[a-z]{2,})(?:[/:?#]|$)/i.exec(one.shown.trim())?.[1]?.toLowerCase();
        const lies = shownHost !== undefined && one.host !== '' && shownHost !== one.host.toLowerCase();
        return (
          <li key={i} className={lies ? 'lies' : undefined}>
            <p><strong><bdi>{one.host || '?'}</bdi></strong>{lies && <Badge tone="bad" icon="warning">{t('preview.link.lies')}</Badge>}</p>
            {one.shown && one.shown !== one.url && <p><span className="quiet-text">{t('preview.link.shown')}</span> <bdi>{one.shown}</bdi></p>}
            <p className="raw"><bdi>{one.url}</bdi></p>
          </li>
        );
      })}
    </ul>
  );
}

function Shown({ base }: { base: string }) {
  const { data, failure, reload } = useLoad<Data>(`${base}/preview`);
  const [chosen, setView] = useState<View | null>(null);
  const [raw, setRaw] = useState(false);
  if (!data) return failure ? <Failed failure={failure} retry={reload} /> : <Loading rows={8} kind="lines" />;
  const view = chosen ?? (data.has_html ? 'formatted' : 'text');
  const options: { value: View; label: ReactNode }[] = [
    ...(data.has_html ? [{ value: 'formatted' as const, label: t('preview.formatted') }] : []),
    { value: 'text', label: t('preview.text') },
    { value: 'headers', label: t('preview.headers') },
    { value: 'attachments', label: <>{t('preview.attachments')} <span className="count">{number(data.attachments.length)}</span></> },
    { value: 'links', label: <>{t('preview.links')} <span className="count">{number(data.links.length)}</span></> },
  ];
  const { blocked } = data;
  const removed = (['images', 'scripts', 'forms', 'frames'] as const).filter((name) => blocked[name] > 0).map((name) => t(`preview.blocked.${name}`, { count: blocked[name] }));
  return (
    <div className="preview">
      <Segments label={t('preview.title')} value={view} onChange={setView} options={options} />
      {data.truncated && <p className="note"><Icon name="info" size={16} /> {t('preview.truncated')}</p>}
      {view === 'formatted' && (
        <>
          <p className="note"><Icon name="allow" size={16} /> {removed.length ? t('preview.safe.removed', { what: new Intl.ListFormat(document.documentElement.lang).format(removed) }) : t('preview.safe')}</p>
          <iframe className="preview-frame" title={t('preview.frame')} sandbox="" src={`/api/v1${base}/preview.html`} referrerPolicy="no-referrer" loading="lazy" />
        </>
      )}
      {view === 'text' && (data.text ? <pre className="preview-text" tabIndex={0} aria-label={t('preview.text')} dir="auto">{data.text}</pre> : <p className="quiet-text">{t('preview.text.none')}</p>)}
      {view === 'headers' && (
        <>
          <Check label={t('preview.headers.raw')} checked={raw} onChange={(event) => setRaw(event.target.checked)} />
          {raw ? <pre className="preview-text" tabIndex={0} aria-label={t('preview.headers')}>{data.raw_header}</pre> : (
            <dl className="headers">{data.headers.map((header, i) => <div key={i}><dt><bdi>{header.name}</bdi></dt><dd><bdi>{header.value}</bdi></dd></div>)}</dl>
          )}
        </>
      )}
      {view === 'attachments' && <><p className="note"><Icon name="allow" size={16} /> {t('preview.attachments.safe')}</p><Attachments list={data.attachments} /></>}
      {view === 'links' && <><p className="note"><Icon name="allow" size={16} /> {t('preview.links.safe')}</p><Links list={data.links} /></>}
    </div>
  );
}

/** `recorded`: it is other people's mail, and that somebody looked is written down. */
export function Preview({ base, recorded }: { base: string; recorded: boolean }) {
  const { showContent } = useChoices();
  const [shown, setShown] = useState(!recorded || showContent);
  useKeys({ v: () => setShown(true) });
  if (shown) return <Shown base={base} />;
  return (
    <div className="unshown">
      <Icon name="eye" size={26} />
      <p>{t('preview.recorded')}</p>
      <Button look="primary" icon="eye" shortcut="v" onClick={() => setShown(true)}>{t('preview.show')}</Button>
      <Check label={t('preview.always')} checked={showContent} onChange={(event) => choose({ showContent: event.target.checked })} />
    </div>
  );
}
