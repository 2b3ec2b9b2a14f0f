import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** Listens at the port of another server, and answers everything with bytes that the other one would never send. */
export class RubbishServer {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  });

  static async start(port: number): Promise<RubbishServer> {
    const rubbish = new RubbishServer();
    rubbish.server.listen(port, '127.0.0.1');
    await once(rubbish.server, 'listening');
    return rubbish;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.sockets.forEach((socket) => socket.destroy());
    await once(this.server, 'close');
  }
}
