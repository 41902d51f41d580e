// SPDX-License-Identifier: Apache-2.0
// What came of an action: shown for a while, and read aloud.
import { useEffect, useRef } from 'react';
import { asFailure } from '../api/use';
import { Store, useStore } from '../lib/store';
import { t } from '../text';
import { Icon } from './icons';
import { problemDetail, problemTitle } from './ui';

interface Notice { id: number; text: string; detail?: string; tone: 'ok' | 'bad' }

const notices = new Store<Notice[]>([]);
let last = 0;

export function announce(text: string, tone: 'ok' | 'bad' = 'ok', detail?: string) {
  const id = ++last;
  notices.set([...notices.get().slice(-2), { id, text, tone, detail }]);
  if (tone === 'ok') setTimeout(() => dismiss(id), 6000);
}
const dismiss = (id: number) => notices.set(notices.get().filter((notice) => notice.id !== id));

export function complain(error: unknown) {
  const failure = asFailure(error);
  announce(problemTitle(failure), 'bad', problemDetail(failure));
}

export function Notices() {
  const list = useStore(notices);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Above a modal dialog, whoever opened it.
    const element = box.current;
    if (element && list.length && element.showPopover && !element.matches(':popover-open')) element.showPopover();
    if (element && !list.length && element.hidePopover && element.matches(':popover-open')) element.hidePopover();
  }, [list]);
  return (
    <div className="notices" ref={box} {...{ popover: 'manual' }} role="status" aria-live="polite" data-react-aria-top-layer="true">
      {list.map((notice) => (
        <div key={notice.id} className={`notice ${notice.tone}`}>
          <Icon name={notice.tone === 'ok' ? 'check' : 'warning'} />
          <div>
            <p>{notice.text}</p>
            {notice.detail && <p className="notice-detail">{notice.detail}</p>}
          </div>
          <button type="button" className="icon-button" aria-label={t('action.dismiss')} onClick={() => dismiss(notice.id)}><Icon name="close" size={16} /></button>
        </div>
      ))}
    </div>
  );
}
