import { Informer, type InformerHandler, type KubeObject } from '@sluice/kube';
import { agentDeployments, releases } from '@sluice/operator/src/resources.ts';
import { type AgentView, releaseSelector, viewOf } from '../agent-view.ts';
import type { Cluster } from '../cluster.ts';
import { failureOf } from '../error-sentence.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { ChangeSignal } from './change-signal.ts';

/** An operator that is gone changes nothing, so whoever watches looks again; milliseconds. */
const lookAgainMs = 30_000;

/**
 * The agent as it is now, and again after every change, and at times without one. Ends when the signal aborts; a lost connection is reported and made again.
 * Changes that come while the caller works are one.
 */
export async function* followAgent({ client, namespace }: Cluster, first: AgentView, { signal, clock, stderr }: Pick<Surroundings, 'signal' | 'clock' | 'stderr'>): AsyncGenerator<AgentView, void, undefined> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const changes = new ChangeSignal(either);
  const onError = (error: Error) => writeLines(stderr, [`${failureOf(error).sentence}; trying again`]);
  const common = { client, namespace, clock, onError };
  const agents = new Informer({ ...common, type: agentDeployments, fieldSelector: `metadata.name=${first.name}` });
  const ofAgent = new Informer({ ...common, type: releases, labelSelector: releaseSelector(first.name) });
  agents.addHandler(telling(changes));
  ofAgent.addHandler(telling(changes));
  const running = Promise.allSettled([agents.run({ signal: either }), ofAgent.run({ signal: either })]);
  const looks = repeat(lookAgainMs, clock, () => changes.notify());
  try {
    await Promise.all([agents.whenSynced({ signal: either }), ofAgent.whenSynced({ signal: either })]);
    do yield viewOf(first, agents.store.list()[0], ofAgent.store.list());
    while ((await changes.next()) === 'Changed');
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    looks.stop();
    stop.abort(new Error('nobody follows any more'));
    await running;
  }
}

function repeat(ms: number, clock: Surroundings['clock'], then: () => void): { stop(): void } {
  const again = (): ReturnType<typeof clock.setTimer> => clock.setTimer(ms, () => {
    timer = again();
    then();
  });
  let timer = again();
  return { stop: () => timer.cancel() };
}

function telling(changes: ChangeSignal): InformerHandler<KubeObject> {
  const onChange = () => changes.notify();
  return { onAdd: onChange, onUpdate: onChange, onDelete: onChange };
}
