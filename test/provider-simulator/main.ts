import { buildSimulator } from './server.ts';
import { readSettings } from './settings.ts';

try {
  const { host, port, script } = await readSettings(process.env);
  const app = buildSimulator(script === undefined ? {} : { script });
  const stop = (signal: NodeJS.Signals): void => {
    console.log(JSON.stringify({ type: 'simulator', event: 'stopping', signal }));
    void app.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const address = await app.listen({ host, port });
  console.log(JSON.stringify({ type: 'simulator', event: 'listening', address }));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
