import { ScriptedServer } from './scripted-server.js';

/**
 * A server that answers as its path says: `/status/404`, `/redirect/307?to=…`, `/loop`, `/hang`, `/reset`, `/broken`,
 * `/bad-json`.
 */
export function startScriptedApi(): Promise<ScriptedServer> {
  return ScriptedServer.start((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [, kind, status] = pathname.split('/');
    switch (kind) {
      case 'redirect':
        response.writeHead(Number(status), { Location: searchParams.get('to') ?? '' }).end();
        break;
      case 'loop':
        response.writeHead(302, { Location: '/loop' }).end();
        break;
      case 'reset':
        request.socket.resetAndDestroy();
        break;
      case 'broken':
        response.writeHead(200, { 'Content-Length': '100' }).write('{', () => request.socket.destroy());
        break;
      case 'slow':
        response.writeHead(200).write('x');
        break;
      case 'hang':
        break;
      case 'bad-json':
        response.end('{"status":');
        break;
      default:
        response.writeHead(kind === 'status' ? Number(status) : 200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ path: pathname }));
    }
  });
}

/** The bearer tokens that a server was shown, call by call; `none` where there was no authorization. */
export function tokensSeenBy(server: ScriptedServer): string[] {
  return server.received.map(({ headers }) => headers.authorization?.replace(/^Bearer /, '') ?? 'none');
}
