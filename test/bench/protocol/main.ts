/**
 * HTTP/1.1 against HTTP/2 on a real API server: `node test/bench/protocol/main.ts [runs] [speeds|silence|closedByServer|compression ...]`
 * prints the table of docs/decisions/0013.
 * Starts a control plane of its own on loopback and removes it.
 */
import { configMaps, KubeClient, loadKubeConfig, Transport } from '@sluice/kube';
import { type ControlPlane, startControlPlane } from '../../../hack/src/cluster/cluster.ts';
import { silentProgress } from '../../../hack/src/progress/progress.ts';
import { list } from './compression.ts';
import { abortAndClose, freeze, goAway, kill } from './faults.ts';
import { configMap, type Protocol } from './rig.ts';
import { startGoAwayServer } from './second-server.ts';
import { burst, reads, readsDuringLists, watchesAndCalls } from './speed.ts';
import { spread } from './statistics.ts';

const PROTOCOLS: readonly Protocol[] = ['http1', 'http2'];
const OBJECTS = 3_000;
const OBJECT_BYTES = 2_500;

type Row = (name: string, figures: Readonly<Record<Protocol, string>>) => void;

/** Runs `measure` alternately for both, so that a busy moment of the machine hurts both. */
async function alternate<R>(runs: number, measure: (protocol: Protocol) => Promise<R>): Promise<Record<Protocol, R[]>> {
  const results: Record<Protocol, R[]> = { http1: [], http2: [] };
  for (let run = 0; run < runs; run++) for (const protocol of PROTOCOLS) results[protocol].push(await measure(protocol));
  return results;
}

function both<R>(results: Record<Protocol, R[]>, text: (runs: R[]) => string): Record<Protocol, string> {
  return { http1: text(results.http1), http2: text(results.http2) };
}

async function fill(plane: ControlPlane): Promise<void> {
  const transport = new Transport({ connection: loadKubeConfig({ path: plane.kubeconfig, env: {} }), defaultDeadlineMs: 120_000 });
  const client = new KubeClient({ transport });
  const call = { signal: new AbortController().signal };
  await Promise.all(Array.from({ length: OBJECTS }, (_, index) => client.create(configMaps, configMap(`bench-${index}`, OBJECT_BYTES), call)));
  await transport.close();
}

async function speeds(plane: ControlPlane, runs: number, row: Row): Promise<void> {
  const sequential = await alternate(runs, (protocol) => reads(plane.kubeconfig, protocol, { workers: 1, calls: 1_000 }));
  row('sequential reads, p50 ms', both(sequential, (all) => spread(all.map((each) => each.p50), 2)));
  row('sequential reads, p99 ms', both(sequential, (all) => spread(all.map((each) => each.p99), 2)));
  row('sequential reads, client CPU us/call', both(sequential, (all) => spread(all.map((each) => each.cpuMicros), 0)));
  const concurrent = await alternate(runs, (protocol) => reads(plane.kubeconfig, protocol, { workers: 32, calls: 5_000 }));
  row('32 at once, calls/s', both(concurrent, (all) => spread(all.map((each) => each.perSecond), 0)));
  row('32 at once, p99 ms', both(concurrent, (all) => spread(all.map((each) => each.p99), 1)));
  row('32 at once, client CPU us/call', both(concurrent, (all) => spread(all.map((each) => each.cpuMicros), 0)));
  row('32 at once, connections', both(concurrent, (all) => spread(all.map((each) => each.connections), 0)));
  const bursts = await alternate(runs, (protocol) => burst(plane.kubeconfig, protocol, 1_000));
  row('burst of 1 000 calls, ms', both(bursts, (all) => spread(all.map((each) => each.ms), 0)));
  row('burst of 1 000 calls, connections', both(bursts, (all) => spread(all.map((each) => each.connections), 0)));
  const mixed = await alternate(runs, (protocol) => watchesAndCalls(plane.kubeconfig, protocol));
  row('12 watches + calls, connections', both(mixed, (all) => spread(all.map((each) => each.connections), 0)));
  row('12 watches + calls, p50 ms', both(mixed, (all) => spread(all.map((each) => each.p50), 2)));
  const blocked = await alternate(runs, (protocol) => readsDuringLists(plane.kubeconfig, protocol, 4_000));
  row('reads beside two running lists, p50 ms', both(blocked, (all) => spread(all.map((each) => each.p50), 1)));
  row('reads beside two running lists, p99 ms', both(blocked, (all) => spread(all.map((each) => each.p99), 1)));
  row('lists made meanwhile', both(blocked, (all) => spread(all.map((each) => each.lists), 0)));
}

async function silence(plane: ControlPlane, runs: number, row: Row): Promise<void> {
  for (const which of ['one', 'all'] as const) {
    const frozen = await alternate(runs, (protocol) => freeze(plane, protocol, which));
    const name = which === 'one' ? 'oldest connection goes silent' : 'all connections go silent';
    row(`${name}: watches that still hear, of 12`, both(frozen, (all) => spread(all.map((each) => each.watchesAlive), 0)));
    row(`${name}: calls failed, of 20 (deadline 1 s)`, both(frozen, (all) => spread(all.map((each) => each.callsFailed), 0)));
    row(`${name}: first good call after, ms`, both(frozen, (all) => spread(all.map((each) => each.recoveredMs), 0)));
  }
  const closed = await alternate(runs, (protocol) => abortAndClose(plane, protocol));
  row('25 of 50 watches aborted: watches left at the server', both(closed, (all) => spread(all.map((each) => each.watchesLeft), 0)));
  row('connections open 0.5 s after close()', both(closed, (all) => spread(all.map((each) => each.openAfterClose), 0)));
}

async function closedByServer(plane: ControlPlane, runs: number, row: Row): Promise<void> {
  const second = await startGoAwayServer(plane);
  try {
    const gone = await alternate(runs, (protocol) => goAway(plane.kubeconfig, second.port, protocol, 600));
    row('GOAWAY chance 2 %, 600 calls (deadline 2 s): connections', both(gone, (all) => spread(all.map((each) => each.connections), 0)));
    row('GOAWAY: watches not opened in 10 s, of 12', both(gone, (all) => spread(all.map((each) => each.watchesNotOpened), 0)));
    row('GOAWAY: reads failed', both(gone, (all) => spread(all.map((each) => each.callsFailed), 0)));
    row('GOAWAY: writes failed', both(gone, (all) => spread(all.map((each) => each.writesFailed), 0)));
    row('GOAWAY: watches broken, of 12', both(gone, (all) => spread(all.map((each) => each.watchesBroken), 0)));
  } finally {
    await second.stop();
  }
  const killed = await alternate(runs, (protocol) => kill(plane, protocol));
  row('API server killed and started: 12 watches open after, ms', both(killed, (all) => spread(all, 0)));
}

/** As lines rather than rows: it is not about the protocol. */
async function compression(plane: ControlPlane, runs: number): Promise<void> {
  const plain = [];
  const zipped = [];
  for (let run = 0; run < runs; run++) {
    plain.push(await list(plane.kubeconfig, 'identity'));
    zipped.push(await list(plane.kubeconfig, 'gzip'));
  }
  for (const [name, all] of [['plain', plain], ['gzip', zipped]] as const) {
    console.log(`list of ${OBJECTS}, ${name}: ${spread(all.map((each) => each.ms), 0)} ms, client CPU ${spread(all.map((each) => each.cpuMs), 0)} ms, ${all[0]?.bytes} bytes`);
  }
}

const PARTS = { speeds, silence, closedByServer, compression } as const;

const [runsText = '5', ...chosen] = process.argv.slice(2);
const runs = Number(runsText);
const plane = await startControlPlane({ progress: silentProgress, signal: new AbortController().signal });
try {
  await fill(plane);
  console.log(`| ${runs} runs each: median (lowest to highest) | HTTP/1.1 | HTTP/2 |\n|---|---|---|`);
  const row: Row = (name, figures) => console.log(`| ${name} | ${figures.http1} | ${figures.http2} |`);
  for (const [name, part] of Object.entries(PARTS)) if (chosen.length === 0 || chosen.includes(name)) await part(plane, runs, row);
} finally {
  await plane.stop();
}
