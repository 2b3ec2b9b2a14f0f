import type { AxiosError, AxiosResponse } from 'axios';
import type { RequestSnapshot } from './request-snapshot.js';

/** The result of an adapter: a response, or an error that may have one. */
export type Settled =
  | { readonly response: AxiosResponse; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: unknown };

export function responseOf({ response, error }: Settled): AxiosResponse | undefined {
  return response ?? (error as AxiosError | undefined)?.response;
}

/** Includes a response that axios rejected because it was too long or incomplete. */
export function statusOf(settled: Settled): number | undefined {
  const request = (settled.error as { request?: RequestSnapshot } | null | undefined)?.request;
  return responseOf(settled)?.status ?? request?.res?.statusCode;
}

/** Resolves or rejects as the adapter did. */
export async function unwrap({ response, error }: Settled): Promise<AxiosResponse> {
  if (response === undefined) {
    throw error;
  }
  return response;
}
