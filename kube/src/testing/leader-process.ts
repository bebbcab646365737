import { createInterface } from 'node:readline';
import { KubeClient } from '../client/kube-client.ts';
import { loadKubeConfig } from '../config/kubeconfig.ts';
import { LeaderElector } from '../election/leader-elector.ts';
import { LeadershipLostError } from '../election/leadership-lost.ts';
import { configMaps } from '../resources/core.ts';
import { Transport } from '../transport/transport.ts';

// A leader in a process of its own, for tests: writes one ConfigMap at each line of its standard input, and says on its standard output what
// became of it. The pattern of a program that leads: exit when the lease is lost, with a code that makes its supervisor start it anew.

const [namespace = '', identity = ''] = process.argv.slice(2);
const transport = new Transport({ connection: loadKubeConfig({ path: process.env['SLUICE_TEST_KUBECONFIG'] ?? '', env: process.env }) });
const elector = new LeaderElector({
  client: new KubeClient({ transport }), lease: { namespace, name: 'paused' }, identity, leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 300,
});
const client = new KubeClient({ transport, beforeWrite: () => elector.assertLeading() });
const say = (what: string) => void process.stdout.write(`${what}\n`);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

async function write(signal: AbortSignal): Promise<void> {
  try {
    await client.mergePatch(configMaps, { namespace, name: 'written' }, { data: { writer: identity } }, { signal });
    say('wrote');
  } catch (error) {
    say(error instanceof LeadershipLostError ? 'refused' : String(error));
  }
}

try {
  await elector.run(async ({ signal }) => {
    say('leading');
    createInterface({ input: process.stdin }).on('line', () => void write(new AbortController().signal));
    await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
  }, { signal: stop.signal });
  process.exit(0);
} catch (error) {
  // What a careless part of the program might still try.
  await write(new AbortController().signal);
  say(error instanceof LeadershipLostError ? 'lost' : String(error));
  process.exit(1);
}
