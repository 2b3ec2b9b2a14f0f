const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const us = (ns) => `${(ns / 1_000).toFixed(1)} µs`;
const ms = (value) => (value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`);
const kB = (bytes) => `${(bytes / 1_024).toFixed(1)} KB`;
const MB = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const interval = ({ value, low, high }, digits) =>
  `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
const count = (value) => value.toLocaleString('en');
const versioned = (name, versions = {}) => {
  const version = versions[name.split(/,| on /)[0]];
  return version === undefined ? name : `${name} (${version})`;
};
const plot = (name, text) => `![${text}](benchmarks/${name}.svg)`;

/** The command, the day and the machine. */
function about({ about: { command, date, minutes, machine, load } }) {
  return (
    `\`${command}\`, ${date}, ${minutes < 1 ? 'less than a minute' : `${Math.round(minutes)} min`}. ${machine}; ` +
    `load average ${load[0]} at the start, ${load[1]} at the end.`
  );
}

const ratioOf = ({ ratio: value, low, high }) => interval({ value, low, high }, 3);

function perCall(data) {
  const { rows, processes, rounds, versions } = data;
  const of = (wanted) => rows.find((row) => Object.entries(wanted).every(([key, value]) => row[key] === value));
  const barRows = ['axiosRef.get', 'axiosRef.post', 'get, observable'].map((call) => {
    const [byHand, intercepted] = ['header by hand', 'header interceptor'].map((limit) =>
      of({ where: 'noop', call, way: 'nestjs-quiqup-auth', limit }),
    );
    const limit = of({ where: 'noop', call, way: 'header by hand' });
    return [`\`${call}\``, us(byHand.ns), us(limit.ns), `**${ratioOf(byHand)}**`, `**${ratioOf(intercepted)}**`];
  });
  const names = [
    ...new Set(rows.filter(({ where, call }) => where === 'loopback' && call === 'axiosRef.get').map(({ way }) => way)),
  ];
  const cells = (where, way) => {
    const row = rows.find(
      (one) =>
        one.where === where && one.call === 'axiosRef.get' && one.way === way && one.limit.startsWith('header by hand'),
    );
    return row === undefined ? ['', ''] : [us(row.ns), way === 'header by hand' ? '1' : ratioOf(row)];
  };
  const fetchRows = [
    ['noop', 'fetch get', '`fetch` get, no-op dispatcher'],
    ['noop', 'fetch post', '`fetch` post, no-op dispatcher'],
    ['loopback', 'fetch get', '`fetch` get, loopback'],
  ].map(([where, call, text]) => {
    const [own, limit, again] = ['nestjs-quiqup-auth', 'header by hand', 'header by hand, once more'].map((way) =>
      of({ where, call, way }),
    );
    return [text, us(own.ns), us(limit.ns), `**${ratioOf(own)}**`, ratioOf(again)];
  });
  return [
    about(data),
    `Medians of ${processes * rounds} paired rounds in ${processes} processes; in brackets the 95 % interval of the ratio.`,
    table(
      ['call, no-op adapter', 'module', 'header by hand', 'ratio, at most 1.00', 'to an interceptor, at most 1.08'],
      barRows,
    ),
    table(['call', 'module', 'header by hand', 'ratio, at most 1.05', 'by hand, once more'], fetchRows),
    table(
      ['a get through', 'no-op adapter', 'ratio', 'loopback', 'ratio'],
      names.map((way) => [versioned(way, versions)].concat(cells('noop', way), cells('loopback', way))),
    ),
    plot('per-call', 'Time of a call beside one with the header set by hand'),
  ];
}

function hotRead(data) {
  const { rows, processes } = data;
  return [
    about(data),
    `Medians in ${processes} processes; in brackets the lowest and the highest of a process.`,
    table(
      ['a token in hand', 'time', 'allocated'],
      rows.map(({ what, ns, low, high, bytes }) => [
        what.includes('(') && !what.includes(',') ? `\`${what}\`` : what,
        ns > 10_000 ? us(ns) : `${ns.toFixed(0)} ns (${low.toFixed(0)} to ${high.toFixed(0)})`,
        `${bytes} bytes`,
      ]),
    ),
  ];
}

function bursts(data) {
  const { rows, rounds, versions } = data;
  const names = [...new Set(rows.map(({ name }) => name))];
  const sizes = [...new Set(rows.map(({ size }) => size))];
  const cell = (name, kind, size) => {
    const row = rows.find((one) => one.name === name && one.kind === kind && one.size === size);
    const time = row.ms === undefined ? '' : `, ${row.ms.toFixed(0)} ms`;
    return `${count(row.tokenRequests)} / ${count(row.failed)}${time}`;
  };
  const tableOf = (kind) =>
    table(
      [kind, ...sizes.map((size) => `${count(size)} at once`)],
      names.map((name) => [versioned(name, versions)].concat(sizes.map((size) => cell(name, kind, size)))),
    );
  return [
    about(data),
    `Token requests / calls failed, and the time to the last success. Counts are the worst and times the median of ${rounds} rounds.`,
    ...['cold', 'expiry', 'revocation'].map(tableOf),
    plot('bursts', 'Token requests and failed calls by calls at once'),
  ];
}

function growth(data) {
  const { rows, lifetime } = data;
  const sizes = [...new Set(rows.map(({ size }) => size))];
  const of = (size, policy) => rows.find((row) => row.size === size && row.policy === policy);
  return [
    about(data),
    `Lifetime ${lifetime} s.`,
    table(
      [
        'instances',
        'requests a rotation',
        '`reuse`',
        'commands a rotation',
        '`reuse`',
        'commands in 1,000 calls between',
        'the last has the token after',
        'requests at the cold start',
      ],
      sizes.map((size) => {
        const [fresh, reuse] = [of(size, 'fresh'), of(size, 'reuse')];
        return [
          size,
          fresh.requestsPerRotation,
          reuse.requestsPerRotation,
          fresh.commandsPerRotation,
          reuse.commandsPerRotation,
          fresh.commandsBetween + reuse.commandsBetween,
          `${fresh.lastHasIt.median.toFixed(0)} ms (${fresh.lastHasIt.longest.toFixed(0)} at most)`,
          fresh.coldStart,
        ];
      }),
    ),
    plot('growth', 'Costs of a rotation by the number of instances'),
  ];
}

function stalls(data) {
  const tables = data.scenarios.flatMap(({ lifetime, latency, seconds, rate, rows }) => [
    `Lifetime ${lifetime} s, the token endpoint takes ${latency} ms; ${rate} calls a second of each for ${seconds} s.`,
    table(
      ['', 'p50', 'p99', 'max', 'p99 beside by hand', 'failed', 'token requests'],
      rows.map(({ name, p50, p99, max, ratio, failures, tokenRequests }) => [
        name,
        ms(p50),
        ms(p99),
        ms(max),
        interval(ratio, 2),
        count(Object.values(failures).reduce((sum, one) => sum + one, 0)),
        count(tokenRequests),
      ]),
    ),
  ]);
  return [about(data), ...tables, plot('stalls', 'Latencies under a steady load over rotations')];
}

function outages(data) {
  const { rows, seconds, lifetime, rate } = data;
  const cell = (name, outage) => {
    const { succeeded, tokenRequests } = rows.find((row) => row.name === name && row.outage === outage);
    return `${count(succeeded)} / ${count(tokenRequests)}`;
  };
  const kinds = [...new Set(rows.map(({ outage }) => outage))];
  const names = [...new Set(rows.map(({ name }) => name))];
  return [
    about(data),
    `${rate} calls a second for ${seconds} s; the token of before lives for ${lifetime} s. Calls succeeded of ${count(rows[0].calls)} / token requests.`,
    table(
      ['', ...kinds],
      names.map((name) => [name].concat(kinds.map((outage) => cell(name, outage)))),
    ),
    plot('outages', 'Calls that succeeded and token requests during an outage'),
  ];
}

function boot(data) {
  const { rows, rounds, heaps, accounts, accountsCount, sizes } = data;
  return [
    about(data),
    `Medians of ${rounds} boots of each, in turns; ratios, with their 95 % interval, to the application with the three modules alone.`,
    table(
      ['application with', 'import', 'until `app.listen`', 'ratio', 'heap', 'ratio'],
      rows.map(({ name, importMs, listenMs, listenRatio, heap, heapRatio }) => [
        name,
        ms(importMs),
        ms(listenMs),
        interval(listenRatio, 2),
        MB(heap),
        interval(heapRatio, 2),
      ]),
    ),
    table(
      ['heap of', ''],
      [
        ['HttpModule, CacheModule and ScheduleModule', kB(heaps.alone)],
        ['QuiqupAuthModule alone, with what it imports', kB(heaps.module)],
        ['QuiqupAuthModule beside the three', kB(heaps.beside)],
        ['each further registered account (`name`)', kB(heaps.named)],
        ...Object.entries(accounts).flatMap(([where, { token, call }]) => [
          [`each of ${count(accountsCount)} accounts of \`forAccounts\`, store in ${where}, with its token`, kB(token)],
          ['the same, once its `http` was used', kB(call)],
        ]),
      ],
    ),
    table(
      ['size', ''],
      [
        ['packed', kB(sizes.packed)],
        ['unpacked', kB(sizes.unpacked)],
        ['installed, with its own dependencies', MB(sizes.own)],
        ['installed, the application with the three modules', MB(sizes.base)],
        ['ratio of an installation with the module to one without', ((sizes.base + sizes.own) / sizes.base).toFixed(2)],
      ],
    ),
  ];
}

function soak(data) {
  const { rows, seconds, lifetime, rate, processes, growth: grown } = data;
  return [
    about(data).replace(
      '`npm run bench -- soak`',
      seconds === 3_600 ? '`npm run bench -- soak --hour`' : '`npm run bench -- soak`',
    ),
    `${processes} processes, lifetime ${lifetime} s, ${rate} calls a second of each under each policy, for ${Math.round(seconds / 60)} minutes.`,
    table(
      ['policy', 'calls', 'failed', 'slowest call', 'rotations', 'token requests'],
      rows.map(({ policy, calls, failed, slowestMs, rotations, requests }) => [
        `\`${policy}\``,
        count(calls),
        count(failed),
        ms(slowestMs),
        count(rotations),
        count(requests),
      ]),
    ),
    `Heap after GC in the last minute, beside the second one: ${grown.map((one) => `${one < 0 ? '−' : '+'}${Math.abs(one * 100).toFixed(1)} %`).join(', ')}.`,
    plot('soak', 'Heap after GC over the soak'),
  ];
}

const write = (section) => (data) => section(data).join('\n\n');

/** By part: what stands between its markers. */
export const SECTIONS = Object.fromEntries(
  Object.entries({ 'per-call': perCall, 'hot-read': hotRead, bursts, growth, stalls, outages, boot, soak }).map(
    ([part, section]) => [part, write(section)],
  ),
);

export const PARTS = Object.keys(SECTIONS);

/** Every bar, met or missed. */
export function barsTable(found) {
  const rows = found.flatMap(([part, { bars }]) =>
    bars.map(({ what, found: figure, isMet }) => [part, what, figure, isMet ? 'met' : '**missed**']),
  );
  return table(['part', 'bar', 'found', ''], rows);
}
