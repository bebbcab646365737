import { Counter, Gauge, type Registry } from 'prom-client';
import type { LiveFileName } from '../config/live/watch-files.ts';

export interface ReloadMetrics {
  readonly looked: (file: LiveFileName, outcome: 'same' | 'changed' | 'invalid') => void;
}

/** Of the files that are watched; all their series are there from the start. */
export function createReloadMetrics(registry: Registry, files: readonly LiveFileName[]): ReloadMetrics {
  const labelNames = ['file'] as const;
  const good = new Gauge({ name: 'sluice_config_last_reload_successful', help: '1 while a file of the configuration can be used, 0 while what it held before is in force in its place.', labelNames, registers: [registry] });
  const reloads = new Counter({ name: 'sluice_config_reloads_total', help: 'Times that a changed file was taken up, or could not be used.', labelNames: ['file', 'result'] as const, registers: [registry] });
  for (const file of files) {
    good.set({ file }, 1);
    for (const result of ['changed', 'invalid'] as const) reloads.inc({ file, result }, 0);
  }
  return {
    looked: (file, outcome) => {
      good.set({ file }, outcome === 'invalid' ? 0 : 1);
      if (outcome !== 'same') reloads.inc({ file, result: outcome });
    },
  };
}
