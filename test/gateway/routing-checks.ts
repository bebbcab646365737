import type { Checks } from '../story/result.ts';
import { binomialBounds } from './binomial.ts';
import { MIRROR_PORT, SERVICE_PORTS, type EchoName, type Stand } from './stand.ts';

/** Chance that a Gateway which divides as told fails one check that counts a share. */
export const FALSE_ALARM = 1e-6;
const REQUESTS = 400;
const CONCURRENCY = 8;
const CANARY_PERCENT = 20;
const MIRROR_PERCENT = 25;
const PIN_HEADER = 'x-sluice-revision';
const PIN_COOKIE = 'sluice-revision';
const NO_TIMEOUT = { request: '0s' };
/** Longer than the 15 s after which Envoy ends a request unless the route says otherwise. */
const LONG_STREAM = { streamPath: '/stream?events=18&every=1000', streams: 1, concurrency: 0 };

/** What the operator relies on: weights, pins by header and cookie, copies of requests, and changes of all of it that nobody notices. */
export async function checkRouting(stand: Stand, checks: Checks): Promise<void> {
  await stand.route(rules({ canaryWeight: CANARY_PERCENT }));
  await stand.start('long', LONG_STREAM);
  await checkSplit(stand, checks);
  await checkPins(stand, checks);
  await checkMirror(stand, checks);
  await checkChangesUnderLoad(stand, checks);
  const long = await stand.stop('long');
  const broken = Object.keys(long.failures);
  checks.expect('a stream of 18 s through Envoy is whole', broken.length === 0 && long.streams > 0 ? 'passed' : 'failed', broken.join(', ') || `${long.streams} streams`);
}

async function checkSplit(stand: Stand, checks: Checks): Promise<void> {
  const { revisions, failures } = await stand.run({ requests: REQUESTS, concurrency: CONCURRENCY, streams: 0 });
  const { least, most } = binomialBounds(REQUESTS, CANARY_PERCENT / 100, FALSE_ALARM);
  const canary = revisions['canary'] ?? 0;
  const inside = canary >= least && canary <= most && canary + (revisions['stable'] ?? 0) === REQUESTS;
  checks.expect(`Envoy sends ${CANARY_PERCENT} % of ${REQUESTS} requests to the canary (${least} to ${most}; false alarm ${FALSE_ALARM})`, inside ? 'passed' : 'failed', JSON.stringify({ ...revisions, ...failures }));
}

async function checkPins(stand: Stand, checks: Checks): Promise<void> {
  const pins: readonly [string, Readonly<Record<string, string>>, EchoName][] = [
    ['the header', { [PIN_HEADER]: 'canary' }, 'canary'],
    ['the header', { [PIN_HEADER]: 'stable' }, 'stable'],
    ['a cookie among others', { cookie: `a=b; ${PIN_COOKIE}=canary; c=d` }, 'canary'],
    ['a cookie', { cookie: `${PIN_COOKIE}=stable` }, 'stable'],
  ];
  for (const [what, headers, revision] of pins) {
    const summary = await stand.run({ requests: 60, concurrency: CONCURRENCY, streams: 0, headers });
    checks.equal(`${what} pins a session to ${revision}`, JSON.stringify(summary.revisions), JSON.stringify({ [revision]: 60 }));
  }
}

async function checkMirror(stand: Stand, checks: Checks): Promise<void> {
  await stand.route(rules({ canaryWeight: 0, mirrorPercent: MIRROR_PERCENT }));
  const mark = 'mirror-run';
  const { revisions } = await stand.run({ requests: REQUESTS, concurrency: CONCURRENCY, streams: 0, headers: { 'x-mark': mark } });
  checks.equal('with copies to the canary, the stable revision answers everybody', JSON.stringify(revisions), JSON.stringify({ stable: REQUESTS }));
  const [originals, copies] = await Promise.all((['stable', 'canary'] as const).map(async (name) => (await stand.seen(name)).filter(({ headers }) => headers['x-mark'] === mark)));
  const { least, most } = binomialBounds(REQUESTS, MIRROR_PERCENT / 100, FALSE_ALARM);
  const count = copies?.length ?? 0;
  checks.expect(`${MIRROR_PERCENT} % of ${REQUESTS} requests are copied (${least} to ${most}; false alarm ${FALSE_ALARM})`, count >= least && count <= most ? 'passed' : 'failed', String(count));
  const ids = new Set(originals?.map(({ headers }) => headers['x-request-id']));
  const faithful = count > 0 && copies?.every(({ port, path, headers }) => port === MIRROR_PORT && path === '/' && ids.has(headers['x-request-id']));
  checks.expect('a copy comes in by the mirror port, with the path and the request id of its original', faithful === true ? 'passed' : 'failed', JSON.stringify(copies?.find(({ port }) => port !== MIRROR_PORT) ?? copies?.[0]));
}

/** Weights, copies and what the pins stand for change while requests and streams go on; none of them may fail. */
async function checkChangesUnderLoad(stand: Stand, checks: Checks): Promise<void> {
  const load = { concurrency: 3, streams: 1 };
  await stand.start('all', load);
  await stand.start('pinned', { ...load, headers: { [PIN_HEADER]: 'canary' } });
  for (const change of CHANGES) await stand.route(rules(change));
  for (const name of ['all', 'pinned']) {
    const { requests, streams, failures } = await stand.stop(name);
    checks.expect(`${CHANGES.length} changes of the route under load lose nothing (${name})`, Object.keys(failures).length === 0 && requests > 100 && streams > 1 ? 'passed' : 'failed', JSON.stringify({ requests, streams, ...failures }));
  }
}

/** As a release makes them: steps, all the traffic, back, copies, no canary, and a step again. */
const CHANGES: readonly Change[] = [
  { canaryWeight: 10 },
  { canaryWeight: 50 },
  { canaryWeight: 100 },
  { canaryWeight: 0 },
  { canaryWeight: 0, mirrorPercent: 50 },
  { canaryWeight: 0, secondPin: 'nobody' },
  { canaryWeight: 30 },
];

interface Change {
  readonly canaryWeight: number;
  readonly mirrorPercent?: number;
  /** What a request asks for to reach the second slot; `nobody` does, where there is no canary. */
  readonly secondPin?: 'canary' | 'nobody';
}

/**
 * Always the same three rules in the same places: Envoy's clusters are named by the place of the rule, so that a rule that comes or goes
 * costs requests (docs/gateway.md).
 */
function rules({ canaryWeight, mirrorPercent, secondPin = 'canary' }: Change): readonly object[] {
  const backend = (name: EchoName, weight: number): object => ({ name, port: SERVICE_PORTS.http, weight });
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'canary', port: SERVICE_PORTS.mirror }, percent: mirrorPercent } };
  return [
    { backendRefs: [backend('stable', 100 - canaryWeight), backend('canary', canaryWeight)], timeouts: NO_TIMEOUT, ...(mirrorPercent === undefined ? {} : { filters: [mirror] }) },
    { matches: pinMatches('stable'), backendRefs: [backend('stable', 1)], timeouts: NO_TIMEOUT },
    { matches: pinMatches(secondPin), backendRefs: [backend(secondPin === 'canary' ? 'canary' : 'stable', 1)], timeouts: NO_TIMEOUT },
  ];
}

function pinMatches(value: string): readonly object[] {
  return [
    { headers: [{ type: 'Exact', name: PIN_HEADER, value }] },
    // Envoy compares the whole header.
    { headers: [{ type: 'RegularExpression', name: 'Cookie', value: `(.*;\\s*)?${PIN_COOKIE}=${value}(\\s*;.*)?` }] },
  ];
}
