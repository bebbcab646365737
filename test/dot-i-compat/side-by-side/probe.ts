import { createInterface } from 'node:readline';

/** What both classes hand to a handler, as far as the probes look at it. */
export interface ProbeEvent {
  readonly type: string;
  readonly meta: { readonly name: string };
}

/** The verbs that a probe uses of either class. */
export interface Verbs<E extends ProbeEvent> {
  setStatus(event: E, status: unknown): Promise<unknown>;
  finalize(event: E): Promise<boolean>;
}

/** One line per thing that happened, for the process that looks on. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A handler that behaves as the command line says. */
export function handlerOf<E extends ProbeEvent>(behaviour: string, verbs: Verbs<E>): (event: E) => Promise<void> {
  return async (event) => {
    report(`event ${event.type} ${event.meta.name}`);
    if (behaviour === 'reject' && event.meta.name === 'bad') throw new Error('this object cannot be handled');
    if (behaviour === 'block' && event.meta.name === 'slow') await new Promise<void>(() => {});
    if (behaviour === 'write') await write(event, verbs);
  };
}

async function write<E extends ProbeEvent>(event: E, verbs: Verbs<E>): Promise<void> {
  if (event.type === 'DELETED') return;
  const handled = await verbs.finalize(event);
  report(`finalizer ${handled}`);
  const written = await verbs.setStatus(event, { phase: 'Ready' });
  report(`status ${written === null ? 'null' : 'written'}`);
}

/** A logger that reports, and tells of each line. */
export function reportingLogger(heard: (message: string) => void = () => {}): Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void> {
  const log = (level: string) => (message: string) => {
    report(`log ${level} ${message.replaceAll('\n', ' ')}`);
    heard(message);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** Calls `stop` when a line comes in, and reads no further, so that nothing here keeps the process. */
export function stopOnCommand(stop: () => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', () => {
    lines.close();
    process.stdin.destroy();
    report('stopping');
    stop();
  });
}
