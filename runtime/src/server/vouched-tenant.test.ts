import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { accessFile } from './access/access-file.ts';
import { digestOfKey } from './access/api-keys.ts';
import { createClosedAccess } from './access/closed-access.ts';

describe('whose budget a request takes', () => {
  it('is nobody in particular where a request names a tenant itself, and the one of the credentials else', async () => {
    const model = createScriptedModel(reply('Thirty days.'));
    const input = { text: 'How long?' };
    const open = await createHarness({ model });
    for (const tenant_id of ['t-1', 't-2']) await open.app.inject({ method: 'POST', url: '/v1/invoke', payload: { tenant_id, input } });
    const content = accessFile.parse({ keys: [{ id: 'web', sha256: digestOfKey('k-1'), tenant: 'shop' }] });
    const closed = await createHarness({ model, access: createClosedAccess({ read: () => content, clock: createFakeClock(), wallClock: createFakeWallClock(), onError: () => {} }) });
    await closed.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input }, headers: { authorization: 'Bearer k-1' } });
    expect(model.requests.map(({ caller }) => [caller?.tenant, caller?.payer])).toEqual([['t-1', undefined], ['t-2', undefined], ['shop', 'shop']]);
  });
});
