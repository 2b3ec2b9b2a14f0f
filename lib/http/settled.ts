import type { AxiosError, AxiosResponse } from 'axios';

/** What an adapter brought: a response, or an error that may have one. */
export type Settled =
  | { readonly response: AxiosResponse; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: unknown };

export function responseOf({ response, error }: Settled): AxiosResponse | undefined {
  return response ?? (error as AxiosError | undefined)?.response;
}

/** Resolves or rejects as the adapter did. */
export async function unwrap({ response, error }: Settled): Promise<AxiosResponse> {
  if (response === undefined) {
    throw error;
  }
  return response;
}
