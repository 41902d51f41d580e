// SPDX-License-Identifier: Apache-2.0
import type { Doctor as Data } from '../api/types';
import { useLoad } from '../api/use';
import { usePageTitle } from '../lib/router';
import { Empty, Failed, Loading, PageHead, Try } from '../parts/ui';
import { t } from '../text';

export default function Doctor() {
  usePageTitle(t('nav.doctor'));
  const { data, failure, reload } = useLoad<Data>('/doctor');
  return (
    <div className="page">
      <PageHead title={t('nav.doctor')} lead={t('doctor.lead')} />
      {failure && <Failed failure={failure} retry={reload} />}
      {!data && !failure && <Loading rows={4} />}
      {data && (
        <Empty icon="doctor" title={t('doctor.absent')}>
          <p>{t('doctor.absent.explained')}</p>
          <Try command="mailreeve config check" />
        </Empty>
      )}
    </div>
  );
}
