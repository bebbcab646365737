import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { configMaps } from '../resources/core.ts';
import { connectionTo } from '../testing/connection.ts';
import { answer, type ReceivedRequest, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { type ObjectPage, objectPages } from './object-pages.ts';

const ALL = Array.from({ length: 20 }, (_, index) => `o${String(index).padStart(2, '0')}`);
/** Far more requests than any of these runs may need. */
const TOO_MANY = 200;
const call = { signal: new AbortController().signal };
let server: ScriptedServer;
let transport: Transport;
let client: KubeClient;
/** Whether the page that is asked for has expired, and what the answer offers instead. */
let expired: (request: ReceivedRequest, from: number) => 'served' | { readonly freshContinue?: string };

function page(names: readonly string[], rest: object): object {
  const items = names.map((name) => ({ metadata: { name, namespace: 'ns', resourceVersion: '7', labels: { big: 'x'.repeat(100) } } }));
  return { items, metadata: { resourceVersion: '9', ...rest } };
}

beforeEach(async () => {
  expired = () => 'served';
  server = await ScriptedServer.listen({ script: (request, response) => {
    const limit = Number(request.query.get('limit') ?? ALL.length);
    const from = Number((request.query.get('continue') ?? 'at:0').split(':')[1]);
    if (server.requests.length > TOO_MANY) return answer(response, 422, status(422, 'Invalid', 'asked too often'));
    const verdict = request.query.has('continue') ? expired(request, from) : 'served';
    if (verdict !== 'served') return answer(response, 410, { ...status(410, 'Expired', 'too old'), metadata: { continue: verdict.freshContinue } });
    answer(response, 200, page(ALL.slice(from, from + limit), from + limit < ALL.length ? { continue: `at:${from + limit}` } : {}));
  } });
  transport = new Transport({ connection: connectionTo(server.url) });
  client = new KubeClient({ transport });
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

async function walk(resumeFrom?: string): Promise<ObjectPage[]> {
  const pages: ObjectPage[] = [];
  for await (const each of objectPages(client, configMaps, { pageSize: 3, resumeFrom }, call)) pages.push(each);
  return pages;
}

const namesOf = (pages: readonly ObjectPage[]) => pages.flatMap(({ objects }) => objects.map(({ key }) => key.name));

describe('objectPages', () => {
  it('gives every object once, as metadata alone, a page at a time, and where to go on', async () => {
    const pages = await walk();
    expect(namesOf(pages)).toEqual(ALL);
    expect(pages.map(({ resumeFrom }) => resumeFrom)).toEqual(['at:3', 'at:6', 'at:9', 'at:12', 'at:15', 'at:18', undefined]);
    expect(pages[0]?.objects[0]).toEqual({ key: { namespace: 'ns', name: 'o00' }, resourceVersion: '7' });
    expect(server.requests.every(({ headers }) => headers.accept?.includes('PartialObjectMetadataList'))).toBe(true);
  });

  it('ends with every object given once when every second page has expired: it goes on with the token of the refusal', async () => {
    expired = (_request, from) => (server.requests.length % 2 === 0 ? { freshContinue: `at:${from}` } : 'served');
    expect(namesOf(await walk())).toEqual(ALL);
    expect(server.requests.length).toBeLessThan(20);
  });

  it('goes on from a resume token however old', async () => {
    expired = (request) => (request.query.get('continue') === 'old:12' ? { freshContinue: 'at:12' } : 'served');
    expect(namesOf(await walk('old:12'))).toEqual(ALL.slice(12));
  });

  it('takes the whole list at once, which cannot expire, when a refusal brings no token or its token is refused again and again', async () => {
    expired = () => ({});
    const pages = await walk();
    expect([...new Set(namesOf(pages))]).toEqual(ALL);
    expect(pages.at(-1)).toMatchObject({ resumeFrom: undefined, objects: { length: ALL.length } });
    server.requests.length = 0;
    expired = (_request, from) => ({ freshContinue: `at:${from}` });
    expect([...new Set(namesOf(await walk()))]).toEqual(ALL);
    expect(server.requests.map(({ query }) => query.has('limit'))).toEqual([...Array.from({ length: 7 }, () => true), false]);
  });

  it('throws what is no refusal of a page, and one of the first page', async () => {
    server.script((_request, response) => answer(response, 410, status(410, 'Expired', 'gone for good')));
    await expect(walk()).rejects.toThrow('gone for good');
    server.script((_request, response) => answer(response, 403, status(403, 'Forbidden', 'no')));
    await expect(walk('at:3')).rejects.toMatchObject({ code: 403 });
    server.script((request, response) => (request.query.has('continue') ? answer(response, 410, status(410, 'Expired', 'too old')) : answer(response, 200, page(['o00'], { continue: 'more' }))));
    await expect(walk('at:3')).rejects.toThrow('the list of configmaps without limit was answered in part');
  });
});
