import { once } from 'node:events';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A gateway that serves the API of `target` below a path prefix, and nothing else. */
export class PrefixGateway {
  /** The forwarded requests: `status path`, with the requested path. */
  readonly passed: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly prefix: string,
  ) {}

  /** @param prefix a regular expression, such as `/_mock/auth` */
  static async start(target: string, prefix: string): Promise<PrefixGateway> {
    const server = createServer();
    const gateway = new PrefixGateway(server, prefix);
    const start = new RegExp(`^${prefix}(?=/)`);
    server.on('request', (request, response) => {
      const { method, url = '', headers } = request;
      if (!start.test(url)) {
        response.writeHead(404).end();
        return;
      }
      const passedOn = send(new URL(target).origin + url.replace(start, ''), { method, headers }, (answer) => {
        gateway.passed.push(`${answer.statusCode} ${url}`);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passedOn.on('error', () => response.destroy());
      request.pipe(passedOn);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gateway;
  }

  /** Base URL of the API, prefix included. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.prefix}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
