import type { Lease } from '../../resources/cluster.ts';
import { eventually } from '../../testing/eventually.ts';
import type { FakeApi } from '../../testing/fake-api.ts';

/** Waits until somebody holds the lease of that name, in namespace `ns`, and gives it to another. */
export async function stealLease(api: FakeApi<Lease>, name: string): Promise<void> {
  await eventually('it leads', () => (api.get('ns', name)?.spec?.holderIdentity ?? '') !== '');
  const held = api.get('ns', name);
  if (held !== undefined) api.put({ ...held, spec: { ...held.spec, holderIdentity: 'a thief', acquireTime: '2026-11-21T12:00:00.000000Z' } });
}
