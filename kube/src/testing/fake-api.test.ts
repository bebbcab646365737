import { afterEach, beforeEach, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { healthProblems } from '../controller/health.ts';
import { OpenOperator } from '../operator-class/testing/operator-rig.ts';
import { Transport } from '../transport/transport.ts';
import { connectionTo } from './connection.ts';
import { eventually } from './eventually.ts';
import { FakeApi } from './fake-api.ts';
import { type Widget, widget, widgets } from './widgets.ts';

const call = { signal: new AbortController().signal };
let api: FakeApi<Widget>;
let transport: Transport;
let client: KubeClient;

beforeEach(async () => {
  api = await FakeApi.start(widgets);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  client = new KubeClient({ transport });
});

afterEach(async () => {
  await transport.close();
  await api.close();
});

it('is enough for an operator: discovery, finalizers, status', async () => {
  const cleaned: string[] = [];
  const operator = new OpenOperator((each) => each.watch(async (event) => {
    const handled = await each.finalize(event, 'x.dev/held', async ({ meta }) => void cleaned.push(meta.name));
    if (!handled && event.type !== 'DELETED') await each.setStatus(event.meta, { phase: 'Ready' });
  }), { connection: connectionTo(api.server.url) }, []);
  expect(operator.problems('ready')).toEqual(['the operator is not started']);
  await operator.start();
  await client.create(widgets, widget('a', 'ns'), call);
  await eventually('it is ready', () => api.get('ns', 'a')?.status?.phase === 'Ready');
  expect(api.get('ns', 'a')?.metadata).toMatchObject({ finalizers: ['x.dev/held'], generation: 1 });
  expect([operator.problems(), operator.problems('ready'), healthProblems({ controllers: [operator] }, 'alive')]).toEqual([[], [], []]);
  await client.delete(widgets, { namespace: 'ns', name: 'a' }, {}, call);
  await eventually('it is gone', () => api.get('ns', 'a') === undefined);
  expect(cleaned).toEqual(['a']);
  operator.stop();
  await operator.finished();
});

it('says of an operator whose cache is not filled that it is not ready, and only then', async () => {
  api.fault = (request) => (request.path.endsWith('/widgets') ? 'handled' : 'pass');
  const operator = new OpenOperator((each) => each.watch(() => Promise.resolve()), { connection: connectionTo(api.server.url) }, []);
  await operator.start();
  expect([operator.problems(), operator.problems('ready')]).toEqual([[], ['caches are not filled yet: widgets.kube-tests.sluice.dev/v1']]);
  operator.stop();
  await operator.finished();
});

it('cuts the pages of a list from one snapshot, until it is compacted', async () => {
  for (const name of ['a', 'b', 'c']) api.put(widget(name, 'ns'));
  const first = await client.list(widgets, { limit: 2 }, call);
  api.put(widget('aa', 'ns'));
  api.remove('ns', 'c');
  const token = first.continue ?? '';
  const second = await client.list(widgets, { limit: 2, continue: token }, call);
  expect([first, second].map(({ items, resourceVersion }) => [items.map(({ metadata }) => metadata.name), resourceVersion])).toEqual([[['a', 'b'], '103'], [['c'], '103']]);
  api.compact();
  await expect(client.list(widgets, { limit: 2, continue: token }, call)).rejects.toMatchObject({ code: 410 });
});
