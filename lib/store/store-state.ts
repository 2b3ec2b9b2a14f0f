/** The token store does not respond. Calls continue from memory. */
export interface QuiqupStoreLostEvent {
  readonly type: 'store-lost';
  /** Why the first command failed. */
  readonly reason: string;
}

/** The token store responds again. */
export interface QuiqupStoreBackEvent {
  readonly type: 'store-back';
}

/** Receives the loss and the return of the store. */
export type StoreListener = (event: QuiqupStoreLostEvent | QuiqupStoreBackEvent) => void;
