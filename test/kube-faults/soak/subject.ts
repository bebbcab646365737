import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { configMaps, connectionFromEnvironment, Informer, KubeClient, runTogether, Transport, WriteTracker } from '@sluice/kube';
import { widgets } from '../../../kube/src/testing/widgets.ts';
import { parentController } from '../convergence/parent-controller.ts';
import { digestOf } from './digest.ts';
import { type SubjectAnswer, SOAK } from './subject-protocol.ts';

// What is measured in a soak: three informers and a controller, alone in a process. Answers `sample`, `digest` and `stop` on its input.

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const stop = new AbortController();
const transport = new Transport({ connection: connectionFromEnvironment({ env: process.env }) });
const writes = new WriteTracker();
const client = new KubeClient({ transport, writes });
let survived = 0;
const common = { client, namespace: SOAK, stallMs: 30_000, onError: () => void (survived += 1) };
const parents = new Informer({ ...common, type: widgets, indexes: { color: ({ spec }) => [spec.color ?? ''] } });
const children = new Informer({ ...common, type: configMaps, labelSelector: 'app=child' });
const notes = new Informer({ ...common, type: configMaps, labelSelector: 'app=note', indexes: { version: ({ data }) => [data?.['version'] ?? ''] } });
let events = 0;
notes.addHandler({ onAdd: () => void (events += 1), onUpdate: () => void (events += 1), onDelete: () => void (events += 1) });
const controller = parentController({ client, parents, children, run: SOAK, writes, concurrency: 4 });

createInterface(process.stdin).on('line', (line) => {
  if (line === 'stop') stop.abort();
  else say(line === 'sample' ? sample() : digest());
});
await runTogether([parents, children, notes, controller], stop);
await transport.close();
process.stdin.destroy();

function say(answer: SubjectAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function sample(): SubjectAnswer {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: RegExp) => resources.filter((resource) => name.test(resource)).length;
  return { say: 'sample', heapBytes: heapUsed, rssBytes: rss, sockets: count(/^(TCP|TLS)/), timers: count(/^(Timeout|Immediate)$/), events, survived, objects: parents.store.size + children.store.size + notes.store.size };
}

function digest(): SubjectAnswer {
  return { say: 'digest', digest: digestOf([...parents.store.list(), ...children.store.list(), ...notes.store.list()]) };
}
