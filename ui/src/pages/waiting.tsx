// SPDX-License-Identifier: Apache-2.0
import { can } from '../api/client';
import { navigate, usePageTitle } from '../lib/router';
import { SearchBar, useFilters } from '../parts/filters';
import { PageHead } from '../parts/ui';
import { WaitingList } from '../parts/waiting-list';
import { t } from '../text';

export default function Waiting() {
  usePageTitle(t('nav.waiting'));
  const [filters, set] = useFilters(['text']);
  return (
    <div className="page">
      <PageHead title={t('nav.waiting')} lead={t('waiting.lead')} />
      <SearchBar value={filters.text!} onSearch={(text) => set({ text: text || null })} label={t('waiting.search')} placeholder={t('waiting.search.hint')} active={0} onClear={() => navigate('/waiting')} />
      <WaitingList path="/waiting" act={can('waiting.act')} text={filters.text!} />
    </div>
  );
}
