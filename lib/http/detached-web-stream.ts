/**
 * A web stream in place of the native one, whose errors are fit to be shown.
 *
 * @param redact makes an error so
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
    // A reader with a buffer of its own is not told otherwise.
    controller.byobRequest?.respond(0);
  }
}

/** Whether readers may bring a buffer of their own. */
function yieldsBytes(source: ReadableStream): boolean {
  try {
    source.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** Reads a web stream into memory, or gives it up at the limit: then the other one fails as well. */
export async function readWebStreamAhead(source: ReadableStream, limitBytes: number): Promise<ReadableStream> {
  const reader = source.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let failure: unknown;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      chunks.push(read.value);
      bytes += read.value.byteLength;
      if (bytes > limitBytes) {
        throw new Error('The body of the refused call was too long to be kept.');
      }
    }
  } catch (error) {
    failure = error;
    reader.cancel().catch(() => undefined);
  }
  return new ReadableStream({
    pull: (controller) => {
      const chunk = chunks.shift();
      if (chunk !== undefined) {
        controller.enqueue(chunk);
      } else if (failure === undefined) {
        controller.close();
      } else {
        controller.error(failure);
      }
    },
  });
}
