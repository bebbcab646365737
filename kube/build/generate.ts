import { readFile, writeFile } from 'node:fs/promises';
import { metricDefinitions } from '../src/metrics/definitions.ts';
import { withMetricTables } from './metric-tables.ts';

const file = new URL('../docs/metrics.md', import.meta.url);
await writeFile(file, withMetricTables(await readFile(file, 'utf8'), metricDefinitions));
