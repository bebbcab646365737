import type { AgentBundle, BundleInterfaces } from '@sluice/crds';
import { createHarness, type Harness, type HarnessOptions } from './app-harness.ts';
import { bundleFixture } from './bundle-fixture.ts';

/** A bundle whose agent speaks every protocol. */
export function interfacesBundle(interfaces: Partial<BundleInterfaces> = {}, changes: Partial<AgentBundle> = {}): AgentBundle {
  return bundleFixture({ interfaces: { description: 'Helps customers of the shop.', url: 'http://support.shop.svc', mcp: { tool: 'support' }, a2a: {}, ...interfaces }, ...changes });
}

export interface ListeningHarness extends Harness {
  /** Of the server on loopback, without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The whole server, listening on loopback: clients of the protocols bring their own idea of a request. */
export async function listen(options: HarnessOptions): Promise<ListeningHarness> {
  const harness = await createHarness({ bundle: interfacesBundle(), ...options });
  const url = await harness.app.listen({ host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    harness.app.server.closeAllConnections();
    await harness.app.close();
    await harness.mirror.close();
  };
  return { ...harness, url, close };
}
