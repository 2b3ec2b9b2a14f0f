import type { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs the work in its own context, like a request. Returns whether the request's objects stay in memory. */
export async function staysAfter(
  request: AsyncLocalStorage<unknown>,
  work: () => Promise<unknown>,
): Promise<() => Promise<boolean>> {
  let upload: WeakRef<object> | undefined;
  const store = (): object => {
    const held = { upload: Buffer.alloc(1_000_000) };
    upload = new WeakRef(held);
    return held;
  };
  await request.run(store(), work).catch(() => undefined);
  return async () => {
    for (let turn = 0; turn < 5 && upload?.deref() !== undefined; turn += 1) {
      await pause(10);
      collectGarbage();
    }
    return upload?.deref() !== undefined;
  };
}
