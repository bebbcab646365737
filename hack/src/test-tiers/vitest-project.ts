import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../process/identity.ts';
import { runChild } from './child.ts';
import { NOTHING, type TierContext, type TierResult } from './tier.ts';
import { readVitestReport, type VitestReport } from './vitest-report.ts';

/** Runs the tests of a project of vitest.config.ts in a vitest of their own, whose output is on this terminal or told line by line. */
export async function runProject(project: string, context: TierContext, onLine?: (line: string) => void): Promise<TierResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const file = join(folder, 'report.json');
  try {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await runChild(join(context.repository, 'node_modules/node/bin/node'), args, context, onLine);
    const report = await readReport(file);
    if (report === undefined) return { ...NOTHING, failed: 1, remarks: [`vitest ended with code ${code} and wrote no report of "${project}"`] };
    return readVitestReport(report, code, context.repository);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
