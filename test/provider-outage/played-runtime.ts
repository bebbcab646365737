import type { AgentBundle } from '@sluice/crds';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { createModelClient } from '../../runtime/src/providers/create-model-client.ts';
import { createHarness, type Harness } from '../../runtime/src/testing/app-harness.ts';
import { bundleFixture } from '../../runtime/src/testing/bundle-fixture.ts';
import type { HttpTransport } from '../../runtime/src/egress/transport.ts';

export interface RuntimeOptions {
  readonly kind: AgentBundle['model']['provider']['kind'];
  /** Of the provider simulator. */
  readonly url: string;
  readonly model?: string;
  readonly limits?: Partial<AgentBundle['limits']>;
}

export interface BundleOptions {
  readonly bundle: AgentBundle;
  /** Of its tools; default: one that answers everything. */
  readonly transport?: HttpTransport;
}

/** The agent server with the real SDK of a provider, ready but not listening. */
export interface PlayedRuntime extends Harness {
  readonly close: () => Promise<void>;
}

export async function playRuntime({ kind, url, model: name = 'model-1', limits = {} }: RuntimeOptions): Promise<PlayedRuntime> {
  const base = bundleFixture();
  const endpoint = `${url}${kind === 'OpenAI' ? '/v1' : ''}`;
  return playBundle({ bundle: { ...base, model: { ...base.model, name, provider: { kind, endpoint } }, limits: { ...base.limits, ...limits } } });
}

/** The same with a bundle of one's own. */
export async function playBundle({ bundle, transport }: BundleOptions): Promise<PlayedRuntime> {
  const key = { current: () => 'sk-current', reload: () => 'same' as const, secrets: () => [] };
  const model = await createModelClient({ bundle, key, clock: systemClock, random: { fraction: () => 0, id: () => 'x' }, observe: () => {} });
  const harness = await createHarness({ model, bundle, clock: systemClock, ...(transport === undefined ? {} : { transport }) });
  harness.metrics.watchCircuit(model.circuit.state);
  harness.readiness.becomeReady();
  const close = async (): Promise<void> => {
    await Promise.all([harness.app.close(), harness.mirror.close()]);
    await model.close();
  };
  return { ...harness, close };
}
