/** A mistake: `find`, which stands once in `file`, becomes `put`. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export declare const PLANTED_BUGS: readonly PlantedBug[];
