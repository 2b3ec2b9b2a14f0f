const quantitative = (field, title, scale = {}, axis = {}) => ({ field, type: 'quantitative', title, scale, axis });
/** The label of a colour. */
const shade = (field, scale) => ({ field, type: 'quantitative', scale, legend: null });
const nominal = (field, title = null, more = {}) => ({ field, type: 'nominal', title, ...more });
const orderOf = (rows, field = 'name') => [...new Set(rows.map((row) => row[field]))];

function perCall({ rows }) {
  const values = rows.filter(({ call, limit }) => call === 'axiosRef.get' && limit.startsWith('header by hand'));
  const plot = (where, title) => ({
    title,
    width: 480,
    data: { values: values.filter((row) => row.where === where) },
    encoding: { y: nominal('way', null, { sort: orderOf(values, 'way') }) },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x: quantitative('low', 'ratio', { type: 'log' }), x2: { field: 'high' } },
      },
      {
        mark: { type: 'point', filled: true, size: 60 },
        encoding: { x: quantitative('ratio', 'ratio', { type: 'log' }) },
      },
    ],
  });
  return {
    'per-call': {
      vconcat: [
        plot('noop', 'On a no-op adapter: time of a get, as a multiple of one with the header set by hand'),
        plot('loopback', 'Over loopback with keep-alive (Azure: beside by hand over https)'),
      ],
      resolve: { scale: { x: 'independent' } },
    },
  };
}

/** Green as it should be, then the redder the worse; grey for a client that does not even ask. */
const SHADES = {
  requests: {
    type: 'threshold',
    domain: [1, 2, 11, 101],
    range: ['#d1d5db', '#86efac', '#fde68a', '#fdba74', '#f87171'],
  },
  failed: { type: 'threshold', domain: [0.001, 50], range: ['#86efac', '#fdba74', '#f87171'] },
};

function bursts({ rows }) {
  const values = rows.map((row) => Object.assign(row, { share: (100 * row.failed) / row.size }));
  const map = (title, field, format, scale) => ({
    title,
    data: { values },
    facet: { column: nominal('kind', null, { sort: ['cold', 'expiry', 'revocation'] }) },
    spec: {
      width: { step: 52 },
      height: { step: 22 },
      encoding: {
        x: { field: 'size', type: 'ordinal', title: 'calls at once', axis: { format: ',', labelAngle: 0 } },
        y: nominal('name', null, { sort: orderOf(rows) }),
      },
      layer: [
        { mark: 'rect', encoding: { color: shade(field, scale) } },
        { mark: 'text', encoding: { text: { field, type: 'quantitative', format } } },
      ],
    },
  });
  return {
    bursts: {
      vconcat: [
        map('Token requests', 'tokenRequests', ',', SHADES.requests),
        map('Calls that failed, %', 'share', '.0f', SHADES.failed),
      ],
      resolve: { scale: { color: 'independent' } },
    },
  };
}

function growth({ rows }) {
  const values = rows.map((row) => ({ ...row, ms: row.lastHasIt.median }));
  const panel = (field, title, some = values) => ({
    title: { text: title, fontSize: 12 },
    width: 230,
    height: 180,
    data: { values: some },
    mark: { type: 'line', point: true },
    encoding: {
      x: quantitative('size', 'instances', { type: 'log', base: 2 }, { values: orderOf(rows, 'size') }),
      y: quantitative(field, null, { zero: true }),
      color: nominal('policy'),
    },
  });
  return {
    growth: {
      hconcat: [
        panel('requestsPerRotation', 'token requests a rotation'),
        panel('commandsPerRotation', 'Redis commands a rotation'),
        panel(
          'ms',
          'ms until the last has the token',
          values.filter(({ policy }) => policy === 'fresh'),
        ),
      ],
    },
  };
}

function latencies({ lifetime, latency, rows }) {
  const percentiles = ['p50', 'p99', 'max'];
  return {
    title: `Lifetime ${lifetime} s, the token endpoint takes ${latency} ms`,
    width: 480,
    data: { values: rows.flatMap((row) => percentiles.map((what) => ({ name: row.name, what, ms: row[what] }))) },
    mark: { type: 'point', filled: true, size: 70 },
    encoding: {
      y: nominal('name', null, { sort: orderOf(rows) }),
      x: quantitative('ms', 'latency of a call, ms', { type: 'log' }),
      color: nominal('what', null, { sort: percentiles }),
      shape: nominal('what', null, { sort: percentiles }),
    },
  };
}

const stalls = ({ scenarios }) => ({ stalls: { vconcat: scenarios.map(latencies) } });

function outages({ rows }) {
  const names = orderOf(rows);
  const panel = (field, title, scale) => ({
    title,
    facet: {
      row: nominal('outage', null, { sort: orderOf(rows, 'outage'), header: { labelAngle: 0, labelAlign: 'left' } }),
    },
    data: { values: rows.map((row) => ({ ...row, share: (100 * row.succeeded) / row.calls })) },
    spec: {
      width: 230,
      mark: 'bar',
      encoding: {
        y: nominal('name', null, { sort: names }),
        x: quantitative(field, null, scale),
        color: nominal('name', null, { sort: names, legend: null }),
      },
    },
  });
  return {
    outages: {
      hconcat: [
        panel('share', 'calls that succeeded, %', { domain: [0, 100] }),
        panel('tokenRequests', 'token requests', { type: 'symlog' }),
      ],
    },
  };
}

function soak({ samples }) {
  const values = samples.flatMap(({ second, heaps }) =>
    heaps.map((bytes, index) => ({ minute: second / 60, megabytes: bytes / 2 ** 20, process: `process ${index + 1}` })),
  );
  return {
    soak: {
      width: 560,
      height: 200,
      data: { values },
      mark: 'line',
      encoding: {
        x: quantitative('minute', 'minutes'),
        y: quantitative('megabytes', 'heap after GC, MB', { zero: true }),
        color: nominal('process'),
      },
    },
  };
}

/** By part: the plots, by file name. */
export const PLOTS = { 'per-call': perCall, bursts, growth, stalls, outages, soak };
