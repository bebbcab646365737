import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { KeptEvidence } from '../evidence/index.ts';
import { registerEvidenceMetrics } from './evidence-metrics.ts';

test('shows what is kept now, and 0 while nothing is counted', async () => {
  const registry = new Registry();
  const seen: KeptEvidence[] = [];
  registerEvidenceMetrics(registry, () => seen.at(-1));
  expect(await registry.metrics()).toContain('sluice_evidence_kept{what="pods"} 0');
  seen.push({ windows: 2, pods: 9, numbers: 700 });
  const text = await registry.metrics();
  for (const line of ['sluice_evidence_kept{what="windows"} 2', 'sluice_evidence_kept{what="pods"} 9', 'sluice_evidence_kept{what="numbers"} 700']) expect(text).toContain(line);
});
