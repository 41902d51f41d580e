// SPDX-License-Identifier: Apache-2.0
import { known, t } from '../text';

/** "quarantine.release-and-allow" in words; what recipients do themselves is called alike. */
export function auditText(action: string): string {
  const name = action.replaceAll('-', '_');
  for (const key of [`audit.${name}`, `audit.quarantine.${name.replace(/^(own|link)\./, '')}`]) if (known(key)) return t(key);
  return action;
}
