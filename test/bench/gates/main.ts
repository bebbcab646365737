import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { costBuckets } from '../../../runtime/src/telemetry/cost-metrics.ts';
import { cellsOf } from './cells.ts';
import { costCellsOf, costGrid, gapsGrid, offEdgesGrid, oldEdgesGrid } from './costs/cost-cells.ts';
import { renderCostReport } from './costs/cost-report.ts';
import { costContradictions, simulateCosts } from './costs/cost-simulation.ts';
import { contenders, statedRisk } from './contenders.ts';
import { contradictions } from './interval.ts';
import { codeDigest, type KeptCells, keptInFile, nothingKept } from './kept-cells.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { plotsOf } from './plots.ts';
import { contradictionAlpha, renderReport } from './report.ts';
import { simulate } from './simulate.ts';

const costRisk = 0.05;

/** What decides, and what of it only shows the results: a change of that does not begin anew what is kept. */
const deciding = ['.', '../../../operator/src/gates', '../../../statistics/src'];
const showing = ['main.ts', 'options.ts', 'report.ts', 'plot.ts', 'plots.ts', 'interval.ts', 'kept-cells.ts', 'costs/cost-report.ts'];

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

async function costs({ runs, seed, plots, resume, report: name }: Options): Promise<void> {
  const cells = [costGrid, offEdgesGrid, gapsGrid, oldEdgesGrid].flatMap(costCellsOf);
  const results = simulateCosts({ cells, methods: ['Middles', 'Sums'], runs, seed, kept: keptOf(resume), onCell: (done, of) => console.error(`cell ${done} of ${of}`) });
  const report = renderCostReport({ environment: { machine: machine(), node: process.versions.node, runs, seed }, results, statedRisk: costRisk, alpha: contradictionAlpha });
  console.log(report);
  if (plots !== undefined) {
    await mkdir(plots, { recursive: true });
    await writeFile(join(plots, name), report);
  }
  if (costContradictions(results, { risk: costRisk, alpha: contradictionAlpha }).length > 0) process.exitCode = 1;
}

async function rates({ grid, runs, seed, plots, resume, report: name }: Options): Promise<void> {
  const results = simulate({ cells: cellsOf(grid), rulesFor: contenders, runs, seed, kept: keptOf(resume), onCell: (done, of) => console.error(`cell ${done} of ${of}`) });
  const report = renderReport({ environment: { machine: machine(), node: process.versions.node, runs, seed }, results, statedRisk });
  console.log(report);
  if (plots !== undefined) {
    await mkdir(plots, { recursive: true });
    await writeFile(join(plots, name), report);
    // Of retries alone there is nothing to draw: the plots are of releases of which nothing is known.
    for (const { file, svg } of name === 'report.md' ? plotsOf(results, 0.05) : []) await writeFile(join(plots, file), svg);
  }
  if (contradictions(results, statedRisk, contradictionAlpha).length > 0) process.exitCode = 1;
}

function keptOf(file: string | undefined): KeptCells {
  return file === undefined ? nothingKept : keptInFile(file, `${codeDigest(deciding.map((folder) => join(import.meta.dirname, folder)), showing)} ${costBuckets.join()}`);
}

function machine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}
