import { expect, it } from 'vitest';
import { installedBy } from './chart-values.ts';
import type { Installed } from './measurability-warnings.ts';

it.each<readonly [string, readonly string[], Installed]>([
  ['nothing was given', [], 'NotKnown'],
  ['values without one', ['replicas: 2\n'], 'WithoutPrometheus'],
  ['values of an empty file', [''], 'WithoutPrometheus'],
  ['the values of the chart itself', ['prometheus:\n  url: ""\n'], 'WithoutPrometheus'],
  ['values with one', ['prometheus:\n  url: https://prometheus.monitoring:9090\n'], 'WithPrometheus'],
  ['several, the last of which takes it back', ['prometheus: { url: http://p }', 'prometheus: { url: "" }'], 'WithoutPrometheus'],
  ['several, the last of which says nothing of it', ['prometheus: { url: http://p }', 'replicas: 2'], 'WithPrometheus'],
  ['values that are none', ['- a'], 'WithoutPrometheus'],
])('%s', (_name, texts, installed) => {
  expect(installedBy(texts)).toBe(installed);
});
