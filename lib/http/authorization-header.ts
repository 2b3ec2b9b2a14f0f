type Headers = Record<string, unknown>;

const AUTHORIZATION = 'authorization';

// Each call runs this several times, and the methods of `AxiosHeaders` would cost more than all other work.
function isAuthorization(header: string): boolean {
  return header.length === AUTHORIZATION.length && header.toLowerCase() === AUTHORIZATION;
}

export function hasAuthorization(headers: Headers): boolean {
  return Object.keys(headers).some((header) => isAuthorization(header) && headers[header] !== undefined);
}

/** Works for any case and any kind of headers, because an adapter may have copied them into its own object. */
export function deleteAuthorization(headers: Headers | undefined): void {
  for (const header of Object.keys(headers ?? {})) {
    if (isAuthorization(header)) {
      Reflect.deleteProperty(headers as Headers, header);
    }
  }
}

/** Removes the header and returns it as it was. */
export function takeAuthorization(headers: Headers): readonly [name: string, value: unknown] | undefined {
  const found = Object.entries(headers).find(([header, value]) => isAuthorization(header) && value !== undefined);
  deleteAuthorization(headers);
  return found;
}
