import type { Command } from './command.ts';
import { serveAs } from './serve.ts';

/** Works on jobs until a signal ends it; answers its probes alone. */
export const worker: Command = (context) => serveAs('worker', context);
