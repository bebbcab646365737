import { createRequire } from 'node:module';
import { runPeer } from './peer-program.ts';

// @dot-i/k8s-operator: its Operator class. It has no cache, so what it knows is what its events say.

interface DotIEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly meta: { readonly name: string; readonly resourceVersion: string };
}

interface DotIOperator {
  start(): Promise<void>;
  stop(): void;
  watchResource(group: string, version: string, plural: string, onEvent: (event: DotIEvent) => Promise<void>, namespace?: string): Promise<void>;
}

// A CommonJS package whose declarations do not fit how Node imports it.
const { default: Operator } = createRequire(import.meta.url)('@dot-i/k8s-operator') as { default: new () => DotIOperator };

const known = new Map<string, string>();
let operator: DotIOperator | undefined;

await runPeer({
  async start({ namespace }) {
    class ConfigMapOperator extends Operator {
      async init(): Promise<void> {
        await this.watchResource('', 'v1', 'configmaps', async ({ type, meta }) => {
          if (type === 'DELETED') known.delete(meta.name);
          else known.set(meta.name, meta.resourceVersion);
        }, namespace);
      }
    }
    operator = new ConfigMapOperator();
    await operator.start();
  },
  view: () => Object.fromEntries(known),
  async stop() {
    operator?.stop();
  },
});
