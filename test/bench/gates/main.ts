import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cellsOf } from './cells.ts';
import { costCellsOf, costGrid, offEdgesGrid } from './costs/cost-cells.ts';
import { renderCostReport } from './costs/cost-report.ts';
import { costContradictions, simulateCosts } from './costs/cost-simulation.ts';
import { contenders, statedRisk } from './contenders.ts';
import { contradictions } from './interval.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { plotsOf } from './plots.ts';
import { contradictionAlpha, renderReport } from './report.ts';
import { simulate } from './simulate.ts';

const costRisk = 0.05;

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.help === 'shown') return console.log(HELP);
  return options.what === 'Costs' ? costs(options) : rates(options);
}

async function costs({ runs, seed, plots }: Options): Promise<void> {
  const cells = [...costCellsOf(costGrid), ...costCellsOf(offEdgesGrid)];
  const results = simulateCosts({ cells, methods: ['Middles', 'Sums'], runs, seed, onCell: (done, of) => console.error(`cell ${done} of ${of}`) });
  const report = renderCostReport({ environment: { machine: machine(), node: process.versions.node, runs, seed }, results, statedRisk: costRisk, alpha: contradictionAlpha });
  console.log(report);
  if (plots !== undefined) {
    await mkdir(plots, { recursive: true });
    await writeFile(join(plots, 'costs.md'), report);
  }
  if (costContradictions(results, { risk: costRisk, alpha: contradictionAlpha }).length > 0) process.exitCode = 1;
}

async function rates({ grid, runs, seed, plots }: Options): Promise<void> {
  const results = simulate({ cells: cellsOf(grid), rulesFor: contenders, runs, seed, onCell: (done, of) => console.error(`cell ${done} of ${of}`) });
  const report = renderReport({ environment: { machine: machine(), node: process.versions.node, runs, seed }, results, statedRisk });
  console.log(report);
  if (plots !== undefined) {
    await mkdir(plots, { recursive: true });
    await writeFile(join(plots, 'report.md'), report);
    for (const { file, svg } of plotsOf(results, 0.05)) await writeFile(join(plots, file), svg);
  }
  if (contradictions(results, statedRisk, contradictionAlpha).length > 0) process.exitCode = 1;
}

function machine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
