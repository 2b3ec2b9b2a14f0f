/**
 * A web stream in place of the native one, with redacted errors.
 *
 * @param redact redacts an error
 */
export function detachWebStream(source: ReadableStream, redact: (error: unknown) => void): ReadableStream {
  const isOfBytes = yieldsBytes(source);
  const reader = source.getReader() as ReadableStreamDefaultReader<unknown>;
  const pull = async (controller: ReadableByteStreamController | ReadableStreamDefaultController): Promise<void> => {
    try {
      const { done, value } = await reader.read();
      if (done) {
        close(controller);
      } else if (!isOfBytes || (value as Uint8Array).byteLength > 0) {
        controller.enqueue(value as NodeJS.ArrayBufferView<ArrayBuffer>);
      } else {
        await pull(controller);
      }
    } catch (error) {
      redact(error);
      throw error;
    }
  };
  const cancel = (reason: unknown): Promise<void> => reader.cancel(reason);
  return isOfBytes
    ? new ReadableStream({ type: 'bytes', pull, cancel })
    : new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

function close(controller: ReadableByteStreamController | ReadableStreamDefaultController): void {
  controller.close();
  if ('byobRequest' in controller) {
    // Otherwise a reader with its own buffer would not get the end.
    controller.byobRequest?.respond(0);
  }
}

/** Whether readers may pass their own buffer. */
function yieldsBytes(source: ReadableStream): boolean {
  try {
    source.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** A web stream that is read into memory. */
export interface WebStreamAhead {
  /** The bytes that were read, and the failure if there was one. */
  readonly body: ReadableStream;
  /** Resolves at the end, also after a failure. */
  readonly finished: Promise<void>;
  /** Ends the reading and the source. */
  giveUp(this: void): void;
}

/** @param limitBytes the limit; a longer stream is cancelled */
export function readWebStreamAhead(source: ReadableStream, limitBytes: number): WebStreamAhead {
  const reader = source.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let state: { readonly name: 'reading' | 'read' } | { readonly name: 'failed'; readonly reason: unknown } = {
    name: 'reading',
  };
  const fail = (reason: unknown): void => {
    if (state.name === 'reading') {
      state = { name: 'failed', reason };
      reader.cancel().catch(() => undefined);
    }
  };
  const giveUp = (): void => fail(new Error('The body of the refused call was too long or too slow to be kept.'));
  const read = async (): Promise<void> => {
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      bytes += next.value.byteLength;
      if (bytes > limitBytes) {
        return giveUp();
      }
    }
    if (state.name === 'reading') {
      state = { name: 'read' };
    }
  };
  const finished = read().catch(fail);
  const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
    await finished;
    const chunk = chunks.shift();
    if (chunk !== undefined) {
      controller.enqueue(chunk);
    } else if (state.name === 'failed') {
      controller.error(state.reason);
    } else {
      controller.close();
    }
  };
  return { body: new ReadableStream({ pull }, { highWaterMark: 0 }), finished, giveUp };
}
