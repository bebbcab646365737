import { describe, expect, it } from 'vitest';
import type { HttpTransport } from '../../egress/transport.ts';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createMcpConnection } from './mcp-connection.ts';

const server = { url: 'https://tools.example.com/mcp', allowedHosts: ['tools.example.com'] };

/** Of a server that takes a connection and never answers. */
function silent(): { readonly http: HttpTransport; readonly sent: AbortSignal[] } {
  const sent: AbortSignal[] = [];
  const send: typeof fetch = async (_, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    sent.push(signal);
    return await new Promise<Response>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  };
  return { sent, http: { send: async () => await Promise.reject(new Error('not used')), fetcher: () => send, close: async () => {} } };
}

describe('createMcpConnection', () => {
  it('lets nobody wait longer for a greeting than they want to, and greets once for all', async () => {
    const { http, sent } = silent();
    const connection = createMcpConnection(server, { http, clock: createFakeClock() });
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [first, second].map(({ signal }) => connection.client(signal).catch((error: unknown) => error));
    first.abort(new Error('its time is over'));
    second.abort(new Error('the caller has left'));
    expect(await Promise.all(waiting)).toEqual([new Error('its time is over'), new Error('the caller has left')]);
    for (let turn = 0; turn < 500 && sent.length === 0; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.aborted).toBe(false);
    await connection.close();
    expect(sent[0]?.aborted).toBe(true);
  });
});
