import type { Plugin } from 'rolldown';

/** What the operator uses of prom-client, each from its own file; a name that is missing here fails the build. */
const METRICS = `
export { default as Counter } from 'prom-client/lib/counter.js';
export { default as Gauge } from 'prom-client/lib/gauge.js';
export { default as Histogram } from 'prom-client/lib/histogram.js';
export { default as Registry } from 'prom-client/lib/registry.js';
export { default as collectDefaultMetrics } from 'prom-client/lib/defaultMetrics.js';
`;
const METRICS_ID = '\0prom-client-parts';

interface Left {
  /** Whose import it is, and what is imported. */
  readonly by: RegExp;
  readonly of: RegExp;
  /** What stands in its place. */
  readonly code: string;
}

/**
 * What libraries load and the operator never switches on. Each costs the modules of Node that it needs besides itself: HTTP/2 (the API server is
 * spoken to in HTTP/1.1, decision 13), logging in a thread of its own, spans for the exemplars of metrics.
 */
const LEFT_OUT: readonly Left[] = [
  { by: /\/undici\/lib\/dispatcher\/client\.js$/, of: /client-h2\.js$/, code: absent('HTTP/2') },
  { by: /\/pino\/(pino|lib\/tools)\.js$/, of: /\/transport$/, code: absent('logging through a thread') },
  { by: /\/prom-client\/lib\/metrics\/processCpuTotal\.js$/, of: /^@opentelemetry\/api$/, code: 'export const trace = { getSpan: () => undefined };\nexport const context = { active: () => undefined };' },
];

function absent(what: string): string {
  return `module.exports = () => { throw new Error('${what} is not in this program'); };`;
}

/** Node's own modules that few runs need, and the functions that are imported of them: loaded at the first call. */
const LATE: Readonly<Record<string, readonly string[]>> = {
  'node:zlib': ['gunzipSync', 'gzipSync'],
  'node:child_process': ['execFile'],
};

const LEFT_ID = '\0left-out-';
const LATE_ID = '\0late-';

/** Leaves out what no run of the operator uses, and loads late what few do. */
export const unusedParts: Plugin = {
  name: 'unused-parts',
  resolveId: (source, importer, { kind }) => {
    if (source === 'prom-client') return METRICS_ID;
    if (kind === 'import-statement' && source in LATE) return LATE_ID + source;
    const left = LEFT_OUT.findIndex(({ by, of }) => by.test(importer ?? '') && of.test(source));
    return left === -1 ? null : LEFT_ID + left;
  },
  load: (id) => {
    if (id === METRICS_ID) return { code: METRICS, moduleType: 'js' };
    if (id.startsWith(LEFT_ID)) return { code: LEFT_OUT[Number(id.slice(LEFT_ID.length))]?.code ?? '', moduleType: 'js' };
    return id.startsWith(LATE_ID) ? { code: lateCode(id.slice(LATE_ID.length)), moduleType: 'js' } : null;
  },
};

function lateCode(module: string): string {
  return (LATE[module] ?? []).map((name) => `export const ${name} = (...given) => process.getBuiltinModule('${module}').${name}(...given);`).join('\n');
}
