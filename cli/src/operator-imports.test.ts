import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Pure: names, and decisions from objects. Nothing of it opens a connection or reads a clock. */
const allowed = [
  'agent/forecast/due', 'agent/ledger/releases', 'children/http-route', 'children/labels', 'children/names', 'children/pod-problem', 'children/pod-ready', 'evaluation/judge-price', 'evaluation/judge-provider', 'evaluation/kept', 'evaluation/names', 'evaluation/obstacle', 'evidence/clock-time', 'gates/eval-comparison', 'gates/eval-verdict',
  'gates/release-gate/block-line', 'gates/release-gate/forecast-of', 'gates/release-gate/gate-record', 'gates/release-gate/policy-of', 'gates/release-gate/replay', 'gates/release-gate/results-of', 'gates/release-gate/step-length', 'gates/sequential/gate-error', 'gates/sequential/judge', 'gates/sequential/report', 'gates/sequential/threshold', 'lease-marks', 'release/crashes', 'release/decision', 'release/holds/freeze', 'release/holds/spec-unreadable', 'release/holds/standing-hold', 'release/intents/answer', 'release/intents/refusal',
  'release/phases/evaluating', 'release/plan', 'release/replica-plan', 'release/step-end', 'release/stopped-clock', 'release/told-reason', 'resources', 'revision/bundle', 'revision/digest', 'revision/error', 'revision/model', 'revision/quantity', 'revision/record', 'revision/record-config-map', 'revision/references', 'sharding/shard', 'traffic/http-routes',
];

it('takes only pure code from the operator', async () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const imported = new Set<string>();
  for await (const path of glob('**/*.ts', { cwd: folder })) {
    const source = await readFile(`${folder}${path}`, 'utf8');
    for (const [, specifier = ''] of source.matchAll(/from '@sluice\/operator\/src\/([^']+)\.ts'/g)) imported.add(specifier);
  }
  expect([...imported].toSorted()).toEqual(allowed);
});
