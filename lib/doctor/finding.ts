/** What one check found. */
export interface Finding {
  readonly status: 'ok' | 'problem' | 'skipped';
  /** What was looked at and how it is. It holds no secret. */
  readonly text: string;
  /** What to do about it; of a problem always. */
  readonly remedy?: string;
}

export const ok = (text: string): Finding => ({ status: 'ok', text });

export const problem = (text: string, remedy: string): Finding => ({ status: 'problem', text, remedy });

export const skipped = (text: string): Finding => ({ status: 'skipped', text });
