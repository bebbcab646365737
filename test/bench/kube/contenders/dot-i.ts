import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceEvent } from '@dot-i/k8s-operator';
import type { Figures, Spec } from '../spec.ts';
import { measureIdle } from './memory.ts';
import { type Contender, mark, runContender } from './program.ts';
import { Tally } from './tally.ts';
import { memoryBytes, readUsage } from './usage.ts';

interface Started {
  start(): Promise<void>;
}

type OnEvent = (event: ResourceEvent) => Promise<void>;

/** It reads its kubeconfig from the environment alone, and the namespaces are watched one after the other. */
async function operatorOn(namespaces: readonly string[], spec: Spec, onEvent: OnEvent): Promise<Started> {
  process.env['KUBECONFIG'] = spec.kubeconfig;
  // CommonJS under ESM: the class is the default of the default.
  const { default: module } = await import('@dot-i/k8s-operator');
  mark('imported');
  class BenchOperator extends module.default {
    protected override async init(): Promise<void> {
      for (const namespace of namespaces) await this.watchResource('', 'v1', spec.resource, onEvent, namespace);
    }
  }
  return new BenchOperator({
    debug: () => undefined,
    info: () => undefined,
    warn: (message) => void process.stderr.write(`${message}\n`),
    error: (message) => void process.stderr.write(`${message}\n`),
  });
}

async function follow(spec: Spec): Promise<Figures> {
  const tally = new Tally(spec);
  let known = 0;
  const operator = await operatorOn([spec.namespace], spec, async ({ type, object }) => {
    const kind: string = type;
    if (kind !== 'MODIFIED') {
      known += 1;
      if (known === spec.objects) mark('synced');
      return;
    }
    tally.changed();
    tally.reconciled(object);
  });
  await operator.start();
  return tally.figures();
}

/** It keeps no cache: synced is when its callback has heard of every object. */
async function cache(spec: Spec): Promise<Figures> {
  let known = 0;
  const all = Promise.withResolvers<void>();
  const operator = await operatorOn([spec.namespace], spec, async () => {
    known += 1;
    if (known === spec.objects) all.resolve();
  });
  await operator.start();
  await all.promise;
  mark('synced');
  return { cpuSeconds: readUsage().cpuSeconds, peakRssBytes: memoryBytes('VmHWM') };
}

async function idle(spec: Spec): Promise<Figures> {
  let known = 0;
  const all = Promise.withResolvers<void>();
  const namespaces = Array.from({ length: spec.watches }, (_, number) => `${spec.namespace}-${number}`);
  const operator = await operatorOn(namespaces, spec, async () => {
    known += 1;
    if (known === spec.objects * spec.watches) all.resolve();
  });
  await operator.start();
  await all.promise;
  return measureIdle(spec, sleep);
}

const contender: Contender = { follow, cache, idle };
await runContender(contender);
