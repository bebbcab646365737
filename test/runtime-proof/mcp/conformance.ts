import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ProtocolRevision = '2025-11-25' | '2026-07-28';

/** What the conformance client found, one requirement each. */
export interface ConformanceCheck {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly errorMessage?: string;
}

export interface ConformanceScenario {
  readonly url: string;
  readonly scenario: string;
  readonly revision: ProtocolRevision;
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const scenarioLimit = 300_000;
const program = join(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'), '..', 'dist', 'index.js');

/** Runs one scenario of the official conformance client against a server. Throws with its output when it told no results. */
export async function checkConformance({ url, scenario, revision, signal }: ConformanceScenario): Promise<readonly ConformanceCheck[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mcp-'));
  const args = [program, 'server', '--url', url, '--scenario', scenario, '--spec-version', revision, '--output-dir', folder];
  try {
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: folder, signal: AbortSignal.any([signal, AbortSignal.timeout(scenarioLimit)]) }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    const file = (await readdir(folder, { recursive: true })).find((name) => name.endsWith('checks.json'));
    if (file === undefined) throw new Error(`the scenario ${scenario} told no results:\n${output.slice(-4_000)}`);
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as ConformanceCheck[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
