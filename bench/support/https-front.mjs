import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';

/** A certificate of the moment for 127.0.0.1. */
export async function certificate() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { key, cert };
}

/** The same server over https: ends TLS and passes the bytes on. */
export async function httpsFront(url) {
  const { port } = new URL(url);
  const { key, cert } = await certificate();
  const server = createServer({ key, cert }, (encrypted) => {
    const plain = connect(Number(port), '127.0.0.1');
    encrypted.pipe(plain).pipe(encrypted);
    encrypted.on('error', () => plain.destroy());
    plain.on('error', () => encrypted.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `https://127.0.0.1:${server.address().port}/`, ca: cert };
}
