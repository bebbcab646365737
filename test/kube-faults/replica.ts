import { applyIfChanged, configMaps, connectionFromEnvironment, type KubeClient as Client, KubeClient, LeaderElector, LeadershipLostError, type ObjectKey, Transport } from '@sluice/kube';
import { type ReplicaEvent, replicaSettings, type ReplicaSettings } from './election/replica-settings.ts';

// One of several replicas of a small controller: whoever leads counts up in a ConfigMap, with its name in every write.
// Says what happens to it as JSON lines; ends with 0 when stopped by SIGTERM, with 1 when it lost its lease.

const settings = replicaSettings(process.env);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const say = (event: ReplicaEvent) => void process.stdout.write(`${JSON.stringify(event)}\n`);

const transport = new Transport({ connection: connectionFromEnvironment({ env: process.env }) });
const elector = new LeaderElector({
  client: new KubeClient({ transport }), lease: settings.lease, identity: settings.identity,
  leaseDurationMs: settings.leaseDurationMs, renewDeadlineMs: settings.renewDeadlineMs, retryPeriodMs: settings.retryPeriodMs,
  onLost: () => say({ event: 'lost' }),
});
const client = new KubeClient({ transport, beforeWrite: () => elector.assertLeading() });

try {
  await elector.run(async (call) => {
    say({ event: 'leading' });
    await Promise.all(Array.from({ length: settings.writers }, (_, index) => count(client, settings, { namespace: settings.lease.namespace, name: `${settings.counter}-${index}` }, call)));
  }, stop);
  say({ event: 'stopped' });
} catch (error) {
  if (!(error instanceof LeadershipLostError)) throw error;
  process.exitCode = 1;
} finally {
  await transport.close();
}

/** Writes until it may no longer. A write that fails for a moment is followed by the next: the API server's side is what counts. */
async function count(writer: Client, { identity, precondition, pauseMs }: ReplicaSettings, key: ObjectKey, call: { signal: AbortSignal }): Promise<void> {
  for (let sequence = 1; !call.signal.aborted; sequence += 1) {
    try {
      await write(writer, precondition, key, { writer: identity, sequence: String(sequence) }, call);
    } catch (error) {
      if (error instanceof LeadershipLostError) {
        say({ event: 'refused' });
        return;
      }
    }
    if (pauseMs > 0) await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}

async function write(writer: Client, precondition: ReplicaSettings['precondition'], key: ObjectKey, data: Record<string, string>, call: { signal: AbortSignal }): Promise<void> {
  if (precondition === 'none') return void (await writer.mergePatch(configMaps, key, { data }, call));
  const cached = await writer.get(configMaps, key, call);
  const desired = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key }, data };
  await applyIfChanged(writer, configMaps, { desired, cached, fence: 'version' }, { fieldManager: 'replica', conflicts: 'force' }, call);
}
