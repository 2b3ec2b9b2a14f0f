// The application's axios was set up for a backend of its own before this package was loaded.
import axios from 'axios';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

axios.defaults.headers.common.Authorization = 'Bearer of-our-backend';
axios.defaults.headers.post['X-Api-Key'] = 'of-our-backend';
axios.defaults.auth = { username: 'of-our-backend', password: 'secret' };
axios.defaults.params = { key: 'of-our-backend' };
axios.defaults.transitional.silentJSONParsing = false;
axios.defaults.transformRequest =
  process.argv[2] === 'replace'
    ? [() => 'of-our-backend']
    : [(data) => ({ ...data, owner: 'of-our-backend' }), ...axios.defaults.transformRequest];
axios.defaults.transformResponse = [() => 'of-our-backend'];
axios.defaults.adapter = () => Promise.reject(new Error('of-our-backend'));

const { NestFactory } = await import('@nestjs/core');
const { QuiqupAuthModule, QuiqupHttpService } = await import('nestjs-quiqup-auth');

const seen = [];
async function answer(request, response) {
  seen.push({ url: request.url, headers: request.headers, body: await text(request) });
  response.setHeader('Content-Type', 'application/json');
  response.end('{"access_token":"of-quiqup","token_type":"bearer","expires_in":3600}');
}
const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const options = { baseUrl: `http://127.0.0.1:${server.address().port}`, clientId: 'id', clientSecret: 'secret' };
const app = await NestFactory.createApplicationContext(QuiqupAuthModule.forRoot(options), { logger: false });
const { data } = await app.get(QuiqupHttpService).axiosRef.post('/orders', { an: 'order' });
await app.close();
server.closeAllConnections();
server.close();
process.stdout.write(JSON.stringify({ seen, data }));
