import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { TurnCounts } from '../pacing/release-turns.ts';

/** A gauge of the line in which releases start. `counts`: undefined while this process lets none start. */
export function registerTurnMetrics(registry: Registry, counts: () => TurnCounts | undefined): void {
  registry.registerMetric(new Gauge({
    name: 'sluice_release_turns',
    help: 'Releases that wait for their turn, that bring up their first pods, and that do so for so long that they keep nobody waiting.',
    labelNames: ['state'],
    registers: [],
    collect() {
      const { waiting = 0, starting = 0, overdue = 0 } = counts() ?? {};
      for (const [state, count] of Object.entries({ waiting, starting, overdue })) this.set({ state }, count);
    },
  }));
}
