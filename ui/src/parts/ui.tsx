// SPDX-License-Identifier: Apache-2.0
// The small parts of every page.
import { useEffect, useId, useState, type ButtonHTMLAttributes, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from 'react';
import { Failure } from '../api/client';
import { dayTime, fullTime, longTime, relativeTime, shortTime } from '../lib/format';
import { t, type Key } from '../text';
import { Icon, type IconName } from './icons';
import { announce } from './notices';

type Look = 'plain' | 'primary' | 'danger' | 'quiet';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> { look?: Look; icon?: IconName; busy?: boolean; shortcut?: string; small?: boolean }

export function Button({ look = 'plain', icon, busy, shortcut, small, children, className, disabled, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} aria-keyshortcuts={shortcut} disabled={disabled || busy} aria-busy={busy || undefined}
      className={`button ${look}${small ? ' small' : ''} ${className ?? ''}`}>
      {icon && <Icon name={icon} size={small ? 16 : 18} />}
      {children !== undefined && <span>{children}</span>}
      {shortcut && <kbd aria-hidden="true">{shortcut}</kbd>}
    </button>
  );
}

export function IconButton({ icon, label, className, ...rest }: { icon: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" {...rest} className={`icon-button ${className ?? ''}`} aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  );
}

export type Tone = 'ok' | 'warn' | 'held' | 'bad' | 'wait' | 'calm' | 'accent';

export function Badge({ tone = 'calm', icon, children, title }: { tone?: Tone; icon?: IconName; children: ReactNode; title?: string }) {
  return (
    <span className={`badge ${tone}`} title={title}>
      {icon && <Icon name={icon} size={14} />}
      <span>{children}</span>
    </span>
  );
}

export function PageHead({ title, lead, children, refresh }: { title: ReactNode; lead?: ReactNode; children?: ReactNode; refresh?: () => void }) {
  return (
    <header className={`page-head${refresh && !children ? ' lone' : ''}`}>
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p className="lead">{lead}</p>}
      </div>
      {(children || refresh) && <div className="page-tools">{children}{refresh && <IconButton icon="defer" label={t('action.refresh')} onClick={refresh} />}</div>}
    </header>
  );
}

export function Card({ title, children, tools, className, level = 2 }: { title?: ReactNode; children: ReactNode; tools?: ReactNode; className?: string; level?: 2 | 3 }) {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section className={`card ${className ?? ''}`} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className="card-head">
          <Heading id={id}>{title}</Heading>
          {tools}
        </div>
      )}
      {children}
    </section>
  );
}

/** What would be here, and how to see it. */
export function Empty({ icon = 'info', title, children, page }: { icon?: IconName; title: string; children?: ReactNode; page?: boolean }) {
  return (
    <div className="empty">
      <span className="empty-icon"><Icon name={icon} size={26} /></span>
      {page ? <h1 className="empty-title">{title}</h1> : <p className="empty-title">{title}</p>}
      {children && <div className="empty-text">{children}</div>}
    </div>
  );
}

export function Try({ command }: { command: string }) {
  return (
    <p className="try">
      <code>{command}</code>
      <CopyButton text={command} />
    </p>
  );
}

export function problemTitle(failure: Failure): string {
  return failure.problem.status === 0 ? t('problem.unreachable') : failure.problem.title;
}
export function problemDetail(failure: Failure): string {
  const { status, detail } = failure.problem;
  if (status === 0) return t('problem.unreachable.detail');
  if (detail) return detail;
  if (status === 403) return t('problem.forbidden.detail');
  if (status === 404) return t('problem.gone.detail');
  if (status === 429) return t('problem.throttled.detail', { count: failure.retryAfter ?? 60 });
  return t('problem.other.detail', { status: String(status) });
}

export function Failed({ failure, retry }: { failure: Failure; retry?: () => void }) {
  return (
    <div className="failed" role="alert">
      <Icon name="warning" size={20} />
      <div>
        <p className="failed-title">{problemTitle(failure)}</p>
        <p>{problemDetail(failure)}</p>
        {retry && <Button small icon="retry" onClick={retry}>{t('action.again')}</Button>}
      </div>
    </div>
  );
}

export function Skeleton({ rows = 6, kind = 'rows' }: { rows?: number; kind?: 'rows' | 'lines' | 'block' }) {
  return (
    <div className={`skeleton ${kind}`} aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => <span key={i} />)}
    </div>
  );
}

/** Says to those who cannot see the skeleton that something is on its way. */
export function Loading({ rows, kind }: { rows?: number; kind?: 'rows' | 'lines' | 'block' }) {
  return (
    <>
      <p className="unseen" role="status">{t('loading')}</p>
      <Skeleton rows={rows} kind={kind} />
    </>
  );
}

let clockListeners: Set<() => void> | null = null;
function useMinute() {
  const [, set] = useState(0);
  useEffect(() => {
    if (!clockListeners) {
      clockListeners = new Set();
      setInterval(() => clockListeners?.forEach((listener) => listener()), 30_000);
    }
    const listener = () => set((n) => n + 1);
    clockListeners.add(listener);
    return () => {
      clockListeners?.delete(listener);
    };
  }, []);
}

type TimeForm = 'short' | 'long' | 'relative' | 'both' | 'day';

/** A time in the reader's zone, whose name is in the tooltip. */
export function When({ time, form = 'short' }: { time: string | null | undefined; form?: TimeForm }) {
  useMinute();
  if (!time) return <span>{t('time.never')}</span>;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return <span>{time}</span>;
  const text =
    form === 'relative' ? relativeTime(date)
    : form === 'long' ? longTime(date)
    : form === 'day' ? dayTime(date)
    : form === 'both' ? `${longTime(date)} (${relativeTime(date)})`
    : shortTime(date);
  const title = form === 'relative' ? fullTime(date) : `${fullTime(date)} (${relativeTime(date)})`;
  return <time dateTime={time} title={title}>{text}</time>;
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without TLS browsers keep the clipboard to themselves.
      const area = document.createElement('textarea');
      area.value = text;
      area.className = 'unseen';
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    setDone(true);
    announce(t('copied'));
    setTimeout(() => setDone(false), 1500);
  };
  return <IconButton icon={done ? 'check' : 'copy'} label={label ?? t('action.copy')} onClick={() => void copy()} className="copy" />;
}

interface FieldProps { label: string; hint?: ReactNode; error?: string | null }

export function Field({ label, hint, error, ...rest }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-describedby={described} aria-invalid={error ? true : undefined} {...rest} />
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p className="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

export function Select({ label, hint, children, ...rest }: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="select"><select id={id} {...rest}>{children}</select><Icon name="down" size={14} /></span>
      {hint && <p className="hint">{hint}</p>}
    </div>
  );
}

export function Check({ label, hint, ...rest }: { label: ReactNode; hint?: ReactNode } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}{hint && <small>{hint}</small>}</span>
    </label>
  );
}

/** A choice of few. */
export function Segments<V extends string>({ label, value, options, onChange }: { label: string; value: V; options: { value: V; label: ReactNode; title?: string }[]; onChange: (value: V) => void }) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="unseen">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.title}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Meter({ value, most, label, tone = 'accent' }: { value: number; most: number; label: string; tone?: Tone }) {
  const part = most > 0 ? Math.min(1, value / most) : 0;
  return (
    <div className={`meter ${tone}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.min(value, most)} aria-valuetext={label}>
      <span style={{ width: `${part * 100}%` }} />
    </div>
  );
}

export function More({ next, loading, more, shown }: { next: string | null; loading: boolean; more: () => void; shown: number }) {
  return (
    <div className="more">
      <span className="quiet-text" role="status">{t('list.shown', { count: shown })}</span>
      {next && <Button onClick={more} busy={loading}>{t('list.more')}</Button>}
    </div>
  );
}

/** An address or name from a mail: it may be long, in any direction, and pretend anything; it stays in its place. */
export function Outside({ children, fallback }: { children: string; fallback?: Key }) {
  if (!children) return <span className="quiet-text">{t(fallback ?? 'none')}</span>;
  return <bdi className="outside" title={children}>{children}</bdi>;
}

export function Facts({ items }: { items: ([ReactNode, ReactNode] | false | null | undefined | '')[] }) {
  return (
    <dl className="facts">
      {items.map((item, i) => item && <div key={i}><dt>{item[0]}</dt><dd>{item[1]}</dd></div>)}
    </dl>
  );
}
