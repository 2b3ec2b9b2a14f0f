import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands before a server: keeps what passes, and may hold back what is answered. */
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

  /** What clients have sent since the last time that this was asked. */
  takeSent(): string {
    return Buffer.concat(this.sent.splice(0)).toString();
  }

  /** What the server has answered since the last time that this was asked. */
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
