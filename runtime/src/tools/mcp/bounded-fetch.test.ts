import { describe, expect, it } from 'vitest';
import { boundedFetch } from './bounded-fetch.ts';

function answering(body: string): { readonly send: typeof fetch; readonly sent: (RequestInit | undefined)[] } {
  const sent: (RequestInit | undefined)[] = [];
  const send: typeof fetch = async (_input, init) => {
    sent.push(init);
    return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
  };
  return { send, sent };
}

const url = 'https://tools.example.com/mcp';

describe('boundedFetch', () => {
  it('opens no stream that a server may push to', async () => {
    const { send, sent } = answering('data: {}\n\n');
    expect((await boundedFetch(send, 100)(url, { method: 'GET', headers: { accept: 'text/event-stream' } })).status).toBe(405);
    expect(sent).toEqual([]);
  });

  it('takes up a stream again that holds the answer to a call', async () => {
    const { send, sent } = answering('data: {}\n\n');
    const response = await boundedFetch(send, 100)(url, { method: 'GET', headers: new Headers({ 'last-event-id': 'event-1' }) });
    expect([response.status, await response.text(), sent.length]).toEqual([200, 'data: {}\n\n', 1]);
  });

  it.each(['POST', 'GET'])('breaks a %s off whose response is too large', async (method) => {
    const response = await boundedFetch(answering('x'.repeat(101)).send, 100)(url, { method, headers: { 'last-event-id': '1' } });
    await expect(response.text()).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
  });

  it('answers a server that asks without end no more than a few times at once, and goes on asking it', async () => {
    const gate = Promise.withResolvers<void>();
    let sent = 0;
    const send: typeof fetch = async () => {
      sent += 1;
      await gate.promise;
      return new Response('{}');
    };
    const fetched = boundedFetch(send, 100);
    const answers = Array.from({ length: 1_000 }, async (_, id) => await fetched(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id, result: {} }) }));
    const asked = fetched(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call' }) });
    expect(sent).toBe(17);
    gate.resolve();
    expect((await Promise.all(answers)).filter(({ status }) => status === 202)).toHaveLength(984);
    expect((await asked).status).toBe(200);
    expect((await fetched(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 2, result: {} }) })).status).toBe(200);
  });
});
