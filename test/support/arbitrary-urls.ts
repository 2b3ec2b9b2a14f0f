import fc from 'fast-check';

/** Read differently by parsers that are not the WHATWG's, or dropped, or taken for another character. */
const ODD_CHARACTERS = [
  ...'\t\n\r \0\\/@#?:;%.[]&='.split(''),
  '\u00ad',
  '\u200b',
  '\ufeff',
  '\u2044',
  '\uff0f',
  '\uff20',
  '\uff1a',
  '\u3002',
  '\ud800',
];

/** How a host could be taken for another one. */
function disguisesOf(host: string): string[] {
  return [
    host,
    host.toUpperCase(),
    `${host}.`,
    `${host}.evil.example`,
    `sub.${host}`,
    host.slice(1),
    `${host}evil.example`,
    host.replace('a', '\u0430'),
    host.replace('a', '\uff41'),
    host.replace('a', '%61'),
    host.replace('e', '\u00e9'),
    host.replaceAll('.', '\u3002'),
    host.replace('.', '\u00ad.'),
    `${host}\\`,
    `${host}@evil.example`,
    `evil.example\\@${host}`,
    `evil.example#@${host}`,
    `evil.example?@${host}`,
    `evil.example/@${host}`,
  ];
}

const LOOPBACKS = [
  '127.0.0.1',
  '127.1',
  '127.0.0.2',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '2130706433',
  '0',
  '0.0.0.0',
  'localhost',
  'LOCALHOST.',
  'sub.localhost',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:0:0:1]',
];

function mostly(usual: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 4 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

/**
 * URLs as callers make them and as attackers would have them made: pieces of good ones in all their disguises, put
 * together in ways that may not be URLs at all.
 */
export function arbitraryUrls(trusted: readonly string[]): fc.Arbitrary<string> {
  const urls = trusted.map((origin) => new URL(origin));
  const hosts = urls.flatMap(({ hostname }) => disguisesOf(hostname));
  const ports = urls.map(({ port }) => (port === '' ? '' : `:${port}`));
  // One odd part at a time is what deceives; several make no URL at all.
  const assembled = fc
    .tuple(
      mostly(['https:', 'http:'], ['HTTPS:', 'hTTp:', '', 'ftp:', 'ws:', 'file:', 'data:', 'blob:https:']),
      mostly(['//'], ['', '/', '///', '\\\\', '/\\', '\t//', '/\t/', ':']),
      mostly([''], ['user@', 'user:password@', '@', ':@', '%40', ...hosts.map((host) => `${host}@`)]),
      fc.oneof(
        { arbitrary: fc.constantFrom(...hosts), weight: 5 },
        { arbitrary: fc.constantFrom(...LOOPBACKS), weight: 3 },
        { arbitrary: fc.constantFrom('evil.example', '', 'xn--80ak6aa92e.example'), weight: 1 },
        { arbitrary: fc.domain(), weight: 1 },
      ),
      mostly(ports, [':', ':443', ':80', ':0', ':99999', ':8443', ...ports.map((port) => `${port}0`)]),
      mostly(
        ['', '/orders'],
        ['/', '/..', '//evil.example/', '/\\evil.example', '?a', '#@evil.example', '@evil.example'],
      ),
    )
    .map((parts) => parts.join(''));
  const mangled = fc
    .tuple(
      assembled,
      fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...ODD_CHARACTERS)), { minLength: 1, maxLength: 3 }),
    )
    .map(([url, insertions]) =>
      insertions.reduce((text, [at, character]) => text.slice(0, at) + character + text.slice(at), url),
    );
  return fc.oneof(
    { arbitrary: assembled, weight: 4 },
    { arbitrary: mangled, weight: 3 },
    {
      arbitrary: fc.constantFrom('/orders', 'orders', '', '/', '/..//evil.example', '/@evil.example', '//evil.example'),
      weight: 2,
    },
    { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
    { arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }), weight: 1 },
  );
}
