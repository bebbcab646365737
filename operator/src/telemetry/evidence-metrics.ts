import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { KeptEvidence } from '../evidence/index.ts';

/** Gauges of what is kept to count increments, so that its bounds show. `kept`: undefined while this process counts nothing. */
export function registerEvidenceMetrics(registry: Registry, kept: () => KeptEvidence | undefined): void {
  registry.registerMetric(new Gauge({
    name: 'sluice_evidence_kept',
    help: 'What is kept in memory to count what pods did: windows of releases, pods in them, and numbers of these.',
    labelNames: ['what'],
    registers: [],
    collect() {
      const { windows = 0, pods = 0, numbers = 0 } = kept() ?? {};
      for (const [what, count] of Object.entries({ windows, pods, numbers })) this.set({ what }, count);
    },
  }));
}
