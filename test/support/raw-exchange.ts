import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One POST over a bare connection: every byte that came back, until the connection ended. */
export class RawExchange {
  received = '';
  /** Once the server has closed the connection. */
  readonly ending: Promise<unknown>;
  private readonly socket: Socket;

  constructor(url: string, body: object) {
    const { hostname, port, pathname } = new URL(url);
    const text = JSON.stringify(body);
    const head = {
      Host: hostname,
      Connection: 'close',
      'Content-Type': 'application/json',
      'Content-Length': text.length,
    };
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1').on('data', (chunk) => (this.received += String(chunk)));
    this.ending = once(this.socket, 'end');
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
    this.socket.write(`POST ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
  }

  get head(): string {
    return this.received.split('\r\n\r\n', 1)[0] ?? '';
  }

  /** As it came, in chunks perhaps. */
  get body(): string {
    return this.received.slice(this.head.length + 4);
  }
}
