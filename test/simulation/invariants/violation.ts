/** A promise that was broken, by the name of the invariant. */
export interface Violation {
  readonly invariant: string;
  readonly at: number;
  readonly what: string;
}
