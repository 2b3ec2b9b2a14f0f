/** What stands in place of the native request, which keeps the header that it sent. */
export interface RequestSnapshot {
  readonly method?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly path?: string;
  /** Where the answer came from in the end, after redirects. */
  readonly res?: { readonly responseUrl: string };
}

const TEXT_FIELDS = ['method', 'protocol', 'host', 'path'] as const;

/** The plain facts of a native request, by which people tell one call from another. */
export function snapshotOf(request: object): RequestSnapshot {
  const native = request as Record<string, unknown>;
  // Field by field: lists and spreads cost each call as much as all else that is done for it.
  const snapshot: { -readonly [K in keyof RequestSnapshot]: RequestSnapshot[K] } = {};
  for (const field of TEXT_FIELDS) {
    const value = native[field];
    if (typeof value === 'string') {
      snapshot[field] = value;
    }
  }
  const responseUrl = (native['res'] as { responseUrl?: unknown } | null | undefined)?.responseUrl;
  if (typeof responseUrl === 'string') {
    snapshot.res = { responseUrl };
  }
  return snapshot;
}
