import type { AddressInfo } from 'node:net';
import type { RecordedRequest } from './request-log.ts';
import type { ScriptInput } from './script/script.ts';
import { buildSimulator, type SimulatorOptions } from './server.ts';

/** A simulator listening on a free loopback port, for tests and the story driver. */
export interface RunningSimulator {
  readonly url: string;
  /** Puts a script in force. Throws with the simulator's message when it refuses it. */
  setScript(script: ScriptInput): Promise<void>;
  requests(): Promise<readonly RecordedRequest[]>;
  close(): Promise<void>;
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const app = buildSimulator(options);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    setScript: async (script) => {
      const response = await app.inject({ method: 'PUT', url: '/__sim/script', payload: script });
      if (response.statusCode !== 200) throw new Error(response.body);
    },
    requests: async () => (await app.inject('/__sim/requests?limit=1000')).json<{ requests: RecordedRequest[] }>().requests,
    close: () => app.close(),
  };
}
