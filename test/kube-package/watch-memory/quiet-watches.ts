import { KubeConfig, Watch } from '@kubernetes/client-node';
import { configMaps, Informer, KubeClient, Transport } from '@sluice/kube';
import { connectionTo } from '@sluice/kube/testing';
import { setTimeout as wait } from 'node:timers/promises';
import { heapInUse } from '../../../kube/src/testing/heap.ts';

/** Opens watches of one side, a few first that pay for what all share, and writes what each of the others costs, in bytes: heap, buffers and, for who asks, the process's memory. */
const [side, server = '', authority = '', first = '0', count = '1'] = process.argv.slice(2);
const stop = new AbortController();

function ours(): () => Promise<void> {
  const transport = new Transport({ connection: connectionTo(server, { trust: { ca: authority } }) });
  const client = new KubeClient({ transport });
  return () => {
    const informer = new Informer({ client, type: configMaps });
    void informer.run({ signal: stop.signal });
    return informer.whenSynced({ signal: stop.signal });
  };
}

/** Its bare watch, which is less than its informer: no list, no cache. */
function theirs(): () => Promise<void> {
  const config = new KubeConfig();
  const at = { clusters: [{ name: 'c', server, caData: Buffer.from(authority).toString('base64') }], users: [{ name: 'u', token: 'of-a-test' }] };
  config.loadFromOptions({ ...at, contexts: [{ name: 'x', cluster: 'c', user: 'u' }], currentContext: 'x' });
  const watch = new Watch(config);
  return () => new Promise((resolve) => void watch.watch('/api/v1/configmaps', {}, () => resolve(), () => {}));
}

async function openAll(begin: () => Promise<void>, watches: number): Promise<void> {
  await Promise.all(Array.from({ length: watches }, begin));
  await wait(300);
}

interface Use {
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
}

function use(): Use {
  const heap = heapInUse();
  const { external, rss } = process.memoryUsage();
  return { heap, buffers: external, rss };
}

const begin = side === 'ours' ? ours() : theirs();
await openAll(begin, Number(first));
const before = use();
await openAll(begin, Number(count));
const after = use();
const each = (key: keyof Use) => Math.round((after[key] - before[key]) / Number(count));
process.stdout.write(JSON.stringify({ heap: each('heap'), buffers: each('buffers'), rss: each('rss') }), () => process.exit(0));
