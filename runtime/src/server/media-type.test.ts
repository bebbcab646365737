import { describe, expect, it } from 'vitest';
import { createHarness } from '../testing/app-harness.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';

describe('a request without a content type', () => {
  it('is read as JSON, as kubectl create --raw sends it', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Two years.')) });
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', body: Buffer.from(JSON.stringify({ input: { text: 'How long is the warranty?' } })), headers: {} });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ status: 'success', answer: 'Two years.' });
  });

  it('is not, when a page of the web sends it: a browser asks nobody for leave to send that', async () => {
    const model = createScriptedModel(reply('Two years.'));
    const harness = await createHarness({ model });
    const body = Buffer.from(JSON.stringify({ input: { text: 'Delete all.' } }));
    const response = await harness.app.inject({ method: 'POST', url: '/v1/invoke', body, headers: { origin: 'https://evil.example.com' } });
    expect(response.json()).toMatchObject({ status: 415, type: 'urn:sluice:problem:unsupported-media-type' });
    expect(model.requests).toEqual([]);
  });
});
