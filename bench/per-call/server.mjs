// Answers every call, and the token request that comes before; over https as well.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tell } from '../../test/fleet/programs/commands.mjs';
import { certificate } from '../support/https-front.mjs';

const TOKEN = JSON.stringify({ access_token: 'a'.repeat(64), token_type: 'bearer', expires_in: 604_800 });

function answer(request, response) {
  const isTokenRequest = request.url.endsWith('/oauth/token');
  const isAuthorized = request.headers.authorization === `Bearer ${'a'.repeat(64)}`;
  response.statusCode = isTokenRequest || isAuthorized ? 200 : 401;
  response.setHeader('Content-Type', 'application/json');
  request.resume().on('end', () => response.end(isTokenRequest ? TOKEN : '[]'));
}

const { key, cert } = await certificate();
const http = createServer({ keepAliveTimeout: 60_000 }, answer).listen(0, '127.0.0.1');
const https = createHttpsServer({ key, cert, keepAliveTimeout: 60_000 }, answer).listen(0, '127.0.0.1');
await Promise.all([once(http, 'listening'), once(https, 'listening')]);
process.on('disconnect', () => process.exit());
tell('ready', {
  url: `http://127.0.0.1:${http.address().port}/`,
  https: { url: `https://127.0.0.1:${https.address().port}/`, ca: cert },
});
