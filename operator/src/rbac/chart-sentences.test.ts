import { readFile } from 'node:fs/promises';
import { beyondEdges, latencyEdges } from '@sluice/crds';
import { expect, it } from 'vitest';

it('what kubectl apply warns of a latency beyond what pods count is what lint, the forecast and a verdict say', async () => {
  const policy = await readFile(new URL('../../../charts/sluice/templates/admission-objectives.yaml', import.meta.url), 'utf8');
  const last = (latencyEdges.at(-1) ?? 0) * 1000;
  expect(policy).toContain(`': ${beyondEdges(last)}'`);
  expect(policy).toContain(`o.latency.maxMilliseconds > ${last})`);
});
