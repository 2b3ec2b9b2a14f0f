import type { QuiqupStoreBackEvent, QuiqupStoreLostEvent } from '../store/index.js';
import type { QuiqupAuthEvent } from '../token/index.js';

/** An event of an account, with its id, or of the store that all accounts share. */
export type QuiqupAccountsEvent =
  | (Exclude<QuiqupAuthEvent, QuiqupStoreLostEvent | QuiqupStoreBackEvent> & {
      /** The id that was passed to `get`. */
      readonly accountId: string;
    })
  | QuiqupStoreLostEvent
  | QuiqupStoreBackEvent;

export function isStoreEvent(event: { readonly type: string }): event is QuiqupStoreLostEvent | QuiqupStoreBackEvent {
  return event.type === 'store-lost' || event.type === 'store-back';
}
