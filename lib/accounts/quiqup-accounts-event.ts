import type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from '../store/index.js';
import type { QuiqupAuthEvent } from '../token/index.js';

/** What happens to the accounts: an account's event with its id, or one of the store that all of them share. */
export type QuiqupAccountsEvent =
  | (Exclude<QuiqupAuthEvent, QuiqupStoreLostEvent | QuiqupStoreBackEvent> & {
      /** As `get` was asked for it. */
      readonly accountId: string;
    })
  | QuiqupStoreLostEvent
  | QuiqupStoreBackEvent;

export function isStoreEvent(event: { readonly type: string }): event is QuiqupStoreLostEvent | QuiqupStoreBackEvent {
  return event.type === 'store-lost' || event.type === 'store-back';
}
