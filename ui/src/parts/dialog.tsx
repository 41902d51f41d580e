// SPDX-License-Identifier: Apache-2.0
// Dialogs that are asked for by a call and answer by a promise.
import { useState, type FormEvent, type ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Store, useStore } from '../lib/store';
import { t } from '../text';
import { Button, IconButton } from './ui';

type Render = (close: () => void) => ReactNode;
const current = new Store<{ render: Render; wide: boolean; onClose: () => void } | null>(null);
export const dialogOpen = () => current.get() !== null;

export function openDialog(render: Render, options: { wide?: boolean; onClose?: () => void } = {}) {
  current.get()?.onClose();
  current.set({ render, wide: options.wide ?? false, onClose: options.onClose ?? (() => undefined) });
}

function close() {
  const open = current.get();
  current.set(null);
  open?.onClose();
}

export function DialogHost() {
  const open = useStore(current);
  return (
    <ModalOverlay className="overlay" isOpen={open !== null} onOpenChange={(is) => !is && close()} isDismissable>
      <Modal className={`modal${open?.wide ? ' wide' : ''}`}>{open && open.render(close)}</Modal>
    </ModalOverlay>
  );
}

export function DialogFrame({ title, children, actions, alert, close: shut }: { title: string; children: ReactNode; actions?: ReactNode; alert?: boolean; close: () => void }) {
  return (
    <Dialog className="dialog" role={alert ? 'alertdialog' : 'dialog'}>
      <div className="dialog-head">
        <Heading slot="title" level={2}>{title}</Heading>
        <IconButton icon="close" label={t('action.close')} onClick={shut} />
      </div>
      <div className="dialog-body">{children}</div>
      {actions && <div className="dialog-actions">{actions}</div>}
    </Dialog>
  );
}

/** A form in a dialog: `submit` throws what went wrong, and the dialog stays. */
export function FormDialog({ title, children, action, danger, close: shut, submit }: {
  title: string; children: ReactNode; action: string; danger?: boolean; close: () => void; submit: () => Promise<void> | void;
}) {
  const [busy, setBusy] = useState(false);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    try {
      await submit();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog className="dialog" role={danger ? 'alertdialog' : 'dialog'}>
      <form onSubmit={(event) => void go(event)}>
        <div className="dialog-head">
          <Heading slot="title" level={2}>{title}</Heading>
          <IconButton icon="close" label={t('action.close')} onClick={shut} />
        </div>
        <div className="dialog-body">{children}</div>
        <div className="dialog-actions">
          <Button onClick={shut} autoFocus={danger}>{t('action.cancel')}</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} busy={busy}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What will happen, in words, before it does. */
export function confirm(options: { title: string; body: ReactNode; action: string; danger?: boolean }): Promise<boolean> {
  return new Promise((resolve) => {
    openDialog(
      (shut) => (
        <FormDialog title={options.title} action={options.action} danger={options.danger} close={shut}
          submit={() => {
            resolve(true);
            shut();
          }}>
          {typeof options.body === 'string' ? <p>{options.body}</p> : options.body}
        </FormDialog>
      ),
      { onClose: () => resolve(false) },
    );
  });
}
