import { createServer, type ServerResponse } from 'node:http';
import { type Load, type LoadOptions, startLoad } from './load-client.ts';

/**
 * A pod that sends requests when told to, by GET, so that the API server's proxy reaches it:
 * `/run?options=JSON` answers when the requests are answered; `/start?name=N&options=JSON`, `/summary?name=N`, `/stop?name=N`.
 */
const running = new Map<string, Load>();

async function answer(url: URL, response: ServerResponse): Promise<void> {
  const name = url.searchParams.get('name') ?? '';
  const options = (): LoadOptions => JSON.parse(url.searchParams.get('options') ?? '{}') as LoadOptions;
  switch (url.pathname) {
    case '/run': {
      const load = startLoad(options());
      await load.answered;
      return send(response, await load.stop());
    }
    case '/start':
      running.set(name, startLoad(options()));
      return send(response, 'started');
    case '/summary':
      return send(response, running.get(name)?.summary());
    case '/stop':
      return send(response, await running.get(name)?.stop());
    default:
      return send(response, 'ready');
  }
}

function send(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value ?? null));
}

const server = createServer((request, response) => void answer(new URL(request.url ?? '/', 'http://pod'), response));
server.requestTimeout = 0;
server.listen(8080);
process.once('SIGTERM', () => process.exit(0));
