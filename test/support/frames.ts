import type { Frame } from '../../playground/src/dashboard/frame.js';

const LIMIT_MS = 20_000;

/** The frames of the dashboard's page. */
export class Frames {
  /** All of it, as it came. */
  raw = '';
  private readonly frames: Frame[] = [];
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private readonly decoder = new TextDecoder();
  private unread = '';

  private constructor(stream: ReadableStream<Uint8Array>) {
    this.reader = stream.getReader();
  }

  static async open(url: string): Promise<Frames> {
    const { body } = await fetch(`${url}/dashboard/frames`, { signal: AbortSignal.timeout(LIMIT_MS) });
    if (body === null) {
      throw new Error('There are no frames.');
    }
    return new Frames(body);
  }

  /** Reads until there is one like that. */
  async find(isWanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (isWanted(frame)) {
        return frame;
      }
    }
  }

  /** Reads until the page says this. */
  async says(sentence: RegExp): Promise<void> {
    await this.find(({ episodes }) => episodes.some((episode) => sentence.test(episode.sentence)));
  }

  /** Reads until there were so many calls; what each asked which API for, and why it failed. */
  async requests(number: number): Promise<string[]> {
    const found: string[] = [];
    await this.find(({ instances }) => {
      const calls = instances.flatMap((instance) => instance.calls);
      found.push(...calls.map(([, , , api, request, reason]) => `${api} ${request}${reason ? `: ${reason}` : ''}`));
      return found.length >= number;
    });
    return found.slice(0, number);
  }

  async close(): Promise<void> {
    // They may have ended with the application.
    await this.reader.cancel().catch(() => undefined);
  }

  private async next(): Promise<Frame> {
    while (this.frames.length === 0) {
      const { done, value } = await this.reader.read();
      if (done) {
        throw new Error('The frames have ended.');
      }
      const text = this.decoder.decode(value, { stream: true });
      this.raw += text;
      const messages = (this.unread + text).split('\n\n');
      this.unread = messages.pop() ?? '';
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data !== undefined) {
          this.frames.push(JSON.parse(data) as Frame);
        }
      }
    }
    return this.frames.shift() as Frame;
  }
}
