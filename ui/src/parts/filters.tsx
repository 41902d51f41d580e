// SPDX-License-Identifier: Apache-2.0
// A search whose filters are in the address of the page, so that it can be sent to somebody and gone back to.
import { useEffect, useId, useState, type FormEvent, type ReactNode } from 'react';
import { address, navigate, usePlace } from '../lib/router';
import { t } from '../text';
import { Icon } from './icons';
import { Button } from './ui';

export type Filters = Record<string, string>;

export function useFilters(names: string[]): [Filters, (change: Record<string, string | null>, replace?: boolean) => void] {
  const { query, path } = usePlace();
  const values: Filters = {};
  for (const name of names) values[name] = query.get(name) ?? '';
  const set = (change: Record<string, string | null>, replace = false) => {
    const next: Record<string, string | null> = {};
    for (const [name, value] of query) next[name] = value;
    Object.assign(next, change);
    navigate(address(path, next), { replace });
  };
  return [values, set];
}

export function SearchBar({ value, onSearch, label, placeholder, children, active, onClear, unfolded }: {
  value: string; onSearch: (text: string) => void; label: string; placeholder: string; children?: ReactNode; active: number; onClear: () => void; unfolded?: boolean;
}) {
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(unfolded ?? active > 0);
  const id = useId();
  useEffect(() => setText(value), [value]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <form className="search" role="search" onSubmit={submit}>
      <div className="search-row">
        <div className="search-box">
          <Icon name="search" />
          <input id={id} type="search" aria-label={label} placeholder={placeholder} value={text} onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()} spellCheck={false} autoCapitalize="none" />
          <kbd aria-hidden="true">/</kbd>
        </div>
        <Button type="submit" look="primary">{t('search.action')}</Button>
        {children && <Button icon="filter" aria-expanded={open} onClick={() => setOpen(!open)}>{active ? t('search.filters.active', { count: active }) : t('search.filters')}</Button>}
        {(active > 0 || value) && <Button look="quiet" icon="close" onClick={onClear}>{t('search.clear')}</Button>}
      </div>
      {children && open && <div className="filters">{children}</div>}
    </form>
  );
}

/** A text that counts when one leaves it or presses Enter. */
export function FilterText({ label, value, onChange, placeholder, type = 'text' }: { label: string; value: string; onChange: (value: string) => void; placeholder?: string; type?: string }) {
  const [text, setText] = useState(value);
  const id = useId();
  useEffect(() => setText(value), [value]);
  const done = () => text.trim() !== value && onChange(text.trim());
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type={type} value={text} placeholder={placeholder} spellCheck={false} autoCapitalize="none" onChange={(event) => setText(event.target.value)} onBlur={done}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          done();
        }} />
    </div>
  );
}

const pad = (n: number) => String(n).padStart(2, '0');
/** Milliseconds since 1970 in an input for a time in the reader's zone. */
export function FilterTime({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const id = useId();
  const date = value ? new Date(Number(value)) : null;
  const shown = date && !Number.isNaN(date.getTime()) ? `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}` : '';
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="datetime-local" value={shown} onChange={(event) => {
        const time = new Date(event.target.value).getTime();
        onChange(Number.isNaN(time) ? '' : String(time));
      }} />
    </div>
  );
}
