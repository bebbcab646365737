import { startEchoServer } from './echo-server.ts';

const stop = await startEchoServer({ revision: process.env['REVISION'] ?? 'none', ports: (process.env['PORTS'] ?? '8080').split(',').map(Number) });
process.once('SIGTERM', () => void stop());
