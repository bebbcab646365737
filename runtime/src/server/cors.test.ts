import { describe, expect, it } from 'vitest';
import { readCorsOrigins } from '../config/cors-origins.ts';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { Unauthenticated } from './request-problems.ts';

const page = 'https://app.example.com';
const closed = {
  mode: 'closed' as const,
  standing: () => undefined,
  authenticate: async (): Promise<never> => {
    throw new Unauthenticated('Send a key');
  },
  tenant: () => ({ flags: {} }),
};

describe('pages of other origins', () => {
  it('may ask when they are listed, and read why they are refused', async () => {
    const { app } = await createHarness({ model: createScriptedModel(reply('Yes.')), access: closed, corsOrigins: [page] });
    const preflight = await app.inject({ method: 'OPTIONS', url: '/v1/invoke', headers: { origin: page, 'access-control-request-method': 'POST' } });
    expect([preflight.statusCode, preflight.body]).toEqual([204, '']);
    expect(preflight.headers).toMatchObject({ 'access-control-allow-origin': page, 'access-control-allow-methods': expect.stringContaining('POST'), 'access-control-allow-headers': expect.stringContaining('idempotency-key'), vary: 'origin' });
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');
    const refused = await app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'x' } }, headers: { origin: page } });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, page]);
    expect((await app.inject('/docs/json')).json().paths).not.toHaveProperty('/v1/*');
  });

  it.each([[[page], 'https://evil.example.com'], [[], page]])('may not when they are not: %j', async (corsOrigins, origin) => {
    const { app } = await createHarness({ model: createScriptedModel(reply('Yes.')), corsOrigins });
    const response = await app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'x' } }, headers: { origin } });
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  it('are written as origins', () => {
    expect(readCorsOrigins({ SLUICE_CORS_ORIGINS: `${page}, http://localhost:3000` })).toEqual([page, 'http://localhost:3000']);
    expect(readCorsOrigins({})).toEqual([]);
    for (const value of ['*', 'https://app.example.com/', 'app.example.com']) expect(() => readCorsOrigins({ SLUICE_CORS_ORIGINS: value })).toThrow(/SLUICE_CORS_ORIGINS holds what is no origin/);
  });
});
