/** The result of one check. */
export interface Finding {
  readonly status: 'ok' | 'problem' | 'skipped';
  /** The subject and its state, without secrets. */
  readonly text: string;
  /** The remedy. A problem always has one. */
  readonly remedy?: string;
}

export const ok = (text: string): Finding => ({ status: 'ok', text });

export const problem = (text: string, remedy: string): Finding => ({ status: 'problem', text, remedy });

export const skipped = (text: string): Finding => ({ status: 'skipped', text });
