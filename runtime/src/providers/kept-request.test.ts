import { OpenAI } from 'openai';
import { describe, expect, it, vi } from 'vitest';
import { keepRequest } from './kept-request.ts';

const path = '/chat/completions';
const question = (text: string) => ({ model: 'm', messages: [{ role: 'user' as const, content: text }] });

function setUp() {
  const keys = { current: 'sk-one' };
  const sent: { readonly url: string; readonly init: RequestInit }[] = [];
  const answer = { id: 'x', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'yes' } }] };
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push({ url: String(url), init });
    return Response.json(answer);
  };
  const made = () => new OpenAI({ apiKey: async () => keys.current, organization: null, project: null, baseURL: 'http://provider.example/v1', fetch, timeout: 60_000, maxRetries: 0, logLevel: 'off' });
  const [sdk, plain] = [made(), made()];
  const build = vi.fn(sdk.buildRequest.bind(sdk));
  sdk.buildRequest = keepRequest(build, { path, key: () => keys.current });
  return { sdk, plain, build, keys, sent };
}

/** What went over the wire. */
function wire({ url, init }: { readonly url: string; readonly init: RequestInit }) {
  return { url, method: init.method, headers: Object.fromEntries(new Headers(init.headers)), body: init.body };
}

describe('a kept request', () => {
  it('is what the SDK makes itself, whole and streamed', async () => {
    const { sdk, plain, build, sent } = setUp();
    for (const text of ['one', 'two']) {
      for (const client of [sdk, plain]) await client.chat.completions.create(question(text));
      for (const client of [sdk, plain]) await client.chat.completions.create({ ...question(text), stream: true });
    }
    const [kept, own] = [sent.filter((_each, index) => index % 2 === 0).map(wire), sent.filter((_each, index) => index % 2 === 1).map(wire)];
    expect(kept).toEqual(own);
    expect(kept.map(({ body }) => JSON.parse(body as string) as unknown)).toEqual([question('one'), { ...question('one'), stream: true }, question('two'), { ...question('two'), stream: true }]);
    expect(build).toHaveBeenCalledTimes(1);
  });

  it('has the key that is in force', async () => {
    const { sdk, build, keys, sent } = setUp();
    for (const key of ['sk-one', 'sk-one', 'sk-two', 'sk-two']) {
      keys.current = key;
      await sdk.chat.completions.create(question('x'));
    }
    expect(sent.map((each) => wire(each).headers['authorization'])).toEqual(['Bearer sk-one', 'Bearer sk-one', 'Bearer sk-two', 'Bearer sk-two']);
    expect(build).toHaveBeenCalledTimes(2);
  });

  it('keeps nothing of one question for the next', async () => {
    const { sdk, build, sent } = setUp();
    const secret = Symbol('of one');
    await sdk.chat.completions.create(question('secret'), { fetchOptions: { [secret]: 'mine' } as object });
    await sdk.chat.completions.create(question('other'));
    expect(sent.map(({ init }) => (init as Record<symbol, unknown>)[secret])).toEqual(['mine', undefined]);
    expect(JSON.stringify(await build.mock.results[0]?.value)).not.toContain('secret');
  });

  it('is not for requests that have more of their own', async () => {
    const { sdk, build, sent } = setUp();
    await sdk.chat.completions.create(question('x'), { headers: { 'x-own': 'a' } });
    await sdk.chat.completions.create(question('x'), { query: { own: 'a' } });
    await sdk.chat.completions.create(question('x'), { signal: new AbortController().signal });
    await sdk.models.list();
    expect(build).toHaveBeenCalledTimes(4);
    expect([wire(sent[0]!).headers['x-own'], wire(sent[1]!).url, wire(sent[3]!).url]).toEqual(['a', 'http://provider.example/v1/chat/completions?own=a', 'http://provider.example/v1/models']);
  });
});
