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
  const responseUrl = (native['res'] as { responseUrl?: unknown } | null | undefined)?.responseUrl;
  return {
    ...Object.fromEntries(
      TEXT_FIELDS.filter((field) => typeof native[field] === 'string').map((field) => [field, native[field]]),
    ),
    ...(typeof responseUrl === 'string' && { res: { responseUrl } }),
  };
}
