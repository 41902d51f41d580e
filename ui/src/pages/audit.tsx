// SPDX-License-Identifier: Apache-2.0
import type { AuditEntry } from '../api/types';
import { usePages } from '../api/use';
import { Link, navigate, usePageTitle } from '../lib/router';
import { FilterText, SearchBar, useFilters } from '../parts/filters';
import { Empty, Failed, Loading, More, Outside, PageHead, When } from '../parts/ui';
import { auditText } from '../parts/audit-words';
import { t } from '../text';

const names = ['object', 'who', 'action'];

function ObjectOf({ entry }: { entry: AuditEntry }) {
  if (!entry.object) return <span className="quiet-text">{t('none')}</span>;
  if (entry.action.startsWith('quarantine.') && entry.action !== 'quarantine.digest') return <Link to={`/quarantine/${encodeURIComponent(entry.object)}`}><Outside>{entry.object}</Outside></Link>;
  return <Outside>{entry.object}</Outside>;
}

export default function Audit() {
  usePageTitle(t('nav.audit'));
  const [filters, set] = useFilters(names);
  const pages = usePages<AuditEntry>('/audit', 'entries', { ...filters, limit: 100 });
  const field = (name: string) => ({ value: filters[name]!, onChange: (value: string) => set({ [name]: value || null }) });
  const active = names.filter((name) => filters[name]).length;
  return (
    <div className="page audit">
      <PageHead title={t('nav.audit')} lead={t('audit.lead')} refresh={pages.reload} />
      <SearchBar value={filters.object!} onSearch={(text) => set({ object: text || null })} label={t('audit.search')} placeholder={t('audit.search.hint')} active={active - (filters.object ? 1 : 0)} onClear={() => navigate('/audit')}>
        <FilterText label={t('audit.who')} {...field('who')} />
        <FilterText label={t('audit.action')} {...field('action')} placeholder="quarantine.release" />
      </SearchBar>
      {pages.failure && <Failed failure={pages.failure} retry={pages.reload} />}
      {!pages.items ? !pages.failure && <Loading rows={10} />
      : pages.items.length === 0 ? <Empty icon="audit" title={active ? t('audit.nothing') : t('audit.empty')}>{!active && t('audit.empty.explained')}</Empty>
      : (
        <>
          <table className="list audit-table">
            <caption className="unseen">{t('nav.audit')}</caption>
            <thead><tr><th scope="col">{t('column.time')}</th><th scope="col">{t('audit.who')}</th><th scope="col">{t('audit.action')}</th><th scope="col">{t('audit.object')}</th><th scope="col">{t('audit.detail')}</th></tr></thead>
            <tbody>
              {pages.items.map((entry, i) => (
                <tr key={i}>
                  <td className="cell-time"><When time={entry.time} /></td>
                  <td className="cell-main"><bdi>{entry.who}</bdi><span className="cell-sub">{entry.from || t('audit.local')}</span></td>
                  <td className="cell-why"><span title={entry.action}>{auditText(entry.action)}</span></td>
                  <td className="cell-to"><ObjectOf entry={entry} /></td>
                  <td className="cell-detail"><bdi>{entry.detail}</bdi></td>
                </tr>
              ))}
            </tbody>
          </table>
          <More next={pages.next} loading={pages.loading} more={pages.more} shown={pages.items.length} />
        </>
      )}
    </div>
  );
}
