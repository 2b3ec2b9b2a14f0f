type Headers = Record<string, unknown>;

const AUTHORIZATION = 'authorization';

// Each call asks several times, and the methods of `AxiosHeaders` would cost more than all else that is done for it.
function isAuthorization(header: string): boolean {
  return header.length === AUTHORIZATION.length && header.toLowerCase() === AUTHORIZATION;
}

export function hasAuthorization(headers: Headers): boolean {
  return Object.keys(headers).some((header) => isAuthorization(header) && headers[header] !== undefined);
}

/** Whatever its case, and in headers of any kind: an adapter may have copied them into an object of its own. */
export function deleteAuthorization(headers: Headers | undefined): void {
  for (const header of Object.keys(headers ?? {})) {
    if (isAuthorization(header)) {
      Reflect.deleteProperty(headers as Headers, header);
    }
  }
}

/** Takes it out; returns how it stood. */
export function takeAuthorization(headers: Headers): readonly [name: string, value: unknown] | undefined {
  const found = Object.entries(headers).find(([header, value]) => isAuthorization(header) && value !== undefined);
  deleteAuthorization(headers);
  return found;
}
