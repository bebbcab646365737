import { describe, expect, it } from 'vitest';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel } from '../testing/scripted-model.ts';

describe('a method that a path does not have', () => {
  it.each([
    ['TRACE', '/healthz', 'GET, HEAD'],
    ['DELETE', '/v1/invoke', 'POST'],
    ['QUERY', '/v1/jobs/1?limit=2', 'GET, HEAD'],
    ['PUT', '/v1/sessions/1', 'DELETE, GET, HEAD'],
    ['POST', '/v1/models', 'GET, HEAD'],
  ])('%s %s is told which ones it has', async (method, url, allow) => {
    const { app } = await createHarness({ model: createScriptedModel() });
    const response = await app.inject({ method: method as 'GET', url });
    expect([response.statusCode, response.headers['allow'], response.headers['content-type']]).toEqual([405, allow, expect.stringContaining('application/problem+json')]);
    expect(response.json()).toMatchObject({ status: 405, type: 'urn:sluice:problem:method-not-allowed', detail: `This path takes ${allow}`, request_id: response.headers['x-request-id'] });
  });

  it('is no matter where there is no such path', async () => {
    const { app } = await createHarness({ model: createScriptedModel() });
    expect((await app.inject({ method: 'DELETE', url: '/v1/nothing' })).statusCode).toBe(404);
  });
});
