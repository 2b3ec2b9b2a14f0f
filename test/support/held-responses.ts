import axios, { type AxiosAdapter } from 'axios';
import { deferred } from './deferred.js';

const http = axios.getAdapter('http');

/** An adapter that sends requests, and holds their responses for as long as a test needs. */
export class HeldResponses {
  private until: Promise<unknown> = Promise.resolve();

  readonly adapter: AxiosAdapter = async (config) => {
    try {
      return await http(config);
    } finally {
      await this.until;
    }
  };

  /** Holds all responses from now on, until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = deferred<undefined>();
    this.until = promise;
    return () => resolve(undefined);
  }
}
