/** Packs the built package into the folder, and returns the path of the tarball. */
export declare function packInto(folder: string): Promise<string>;
