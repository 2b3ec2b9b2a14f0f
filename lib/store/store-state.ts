/** The token store does not answer; calls go on from memory. */
export interface QuiqupStoreLostEvent {
  readonly type: 'store-lost';
  /** What was wrong with the first command that failed. */
  readonly reason: string;
}

/** The token store answers again. */
export interface QuiqupStoreBackEvent {
  readonly type: 'store-back';
}

/** Hears when the store goes and when it comes back. */
export type StoreListener = (event: QuiqupStoreLostEvent | QuiqupStoreBackEvent) => void;
