import { describe, expect, it } from 'vitest';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel } from '../testing/scripted-model.ts';
import { noSuchRoute } from './open-ai-paths.ts';

describe('a path that is not there', () => {
  it.each(['/v1/responses', '/v1/responses/resp_1?include=x', '/v1/completions', '/v1/embeddings', '/v1/chat/completions/chatcmpl-1', '/chat/completions', '/responses'])('of OpenAI, %s, is told as its clients read it, with the one that is there', async (url) => {
    const { app } = await createHarness({ model: createScriptedModel() });
    const response = await app.inject({ method: 'POST', url, payload: { model: 'gpt', input: 'Hello' } });
    expect([response.statusCode, response.headers['content-type']]).toEqual([404, expect.stringContaining('application/problem+json')]);
    const body = response.json<{ readonly detail: string; readonly request_id: string }>();
    expect(body).toMatchObject({ type: 'urn:sluice:problem:not-found', error: { message: body.detail, type: 'invalid_request_error', code: 'not-found', param: null } });
    expect(body.detail).toContain('POST /v1/chat/completions');
  });

  it('of nobody else has no such member', async () => {
    const { app } = await createHarness({ model: createScriptedModel() });
    for (const url of ['/v1/nothing', '/v1/responsesx', '/nothing/v1/responses']) expect((await app.inject({ method: 'POST', url, payload: {} })).json()).not.toHaveProperty('error');
  });

  it('names no route that the server does not have', () => {
    expect(noSuchRoute('POST', '/v1/responses', 'no-chat')).toMatchObject({ facts: { detail: 'There is no POST route of this path; /docs lists what there is' }, members: { error: { code: 'not-found' } } });
  });
});
