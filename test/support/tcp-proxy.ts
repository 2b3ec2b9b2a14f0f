import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy before a server. It records the bytes, and can delay the answers. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly sent: Buffer[] = [];
  private readonly answered: Buffer[] = [];

  private constructor(private readonly server: Server) {}

  static async start(port: number, delayMs = 0): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    const proxy = new TcpProxy(server);
    server.on('connection', (client) => {
      const upstream = connect(port, '127.0.0.1');
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        proxy.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          proxy.sockets.delete(socket);
          other.destroy();
        });
      }
      client.on('data', (bytes) => {
        proxy.sent.push(bytes);
        upstream.write(bytes);
      });
      upstream.on('data', (bytes) => {
        proxy.answered.push(bytes);
        if (delayMs === 0) {
          client.write(bytes);
        } else {
          setTimeout(() => client.write(bytes), delayMs);
        }
      });
    });
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The bytes of the clients since the last call. */
  takeSent(): string {
    return Buffer.concat(this.sent.splice(0)).toString();
  }

  /** The bytes of the server since the last call. */
  takeAnswered(): string {
    return Buffer.concat(this.answered.splice(0)).toString();
  }

  /** Ends all connections; new ones are taken. */
  cut(): void {
    this.sockets.forEach((socket) => socket.destroy());
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
