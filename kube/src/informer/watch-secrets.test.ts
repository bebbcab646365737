import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { configMaps } from '../resources/core.ts';
import { connectionTo } from '../testing/connection.ts';
import { ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { Informer } from './informer.ts';

const token = 'S3cret-token-of-the-watch';

it.each([
  ['an ERROR event', (said: string) => JSON.stringify({ type: 'ERROR', object: status(500, said, `no, ${said}`) })],
  ['an event of an unknown type', (said: string) => JSON.stringify({ type: said, object: {} })],
  ['a line that is not JSON', (said: string) => `${said} {`],
])('%s that repeats the credential does not show it', async (_what, line) => {
  const server = await ScriptedServer.listen({ script: ({ headers }, response) => void response.end(`${line(String(headers.authorization))}\n`) });
  const transport = new Transport({ connection: connectionTo(server.url, { credential: { authorization: `Bearer ${token}` } }) });
  const stop = new AbortController();
  const errors: Error[] = [];
  const heard = Promise.withResolvers<void>();
  const informer = new Informer({
    client: new KubeClient({ transport }), type: configMaps,
    onError: (error) => {
      errors.push(error);
      heard.resolve();
    },
  });
  const running = informer.run({ signal: stop.signal });
  await heard.promise;
  stop.abort();
  await running;
  await transport.close();
  await server.close();
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.map((error) => inspect(error, { depth: 9, showHidden: true })).join('\n')).not.toContain(token);
});
