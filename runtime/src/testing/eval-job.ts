import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentBundle } from '@sluice/crds';
import { bundleFixture } from './bundle-fixture.ts';
import { type LoopbackServer, type Respond, startLoopbackServer } from './loopback-server.ts';
import { jsonFile, type RuntimeProcess, startRuntime } from './runtime-process.ts';
import { anthropicWire } from './wire-formats.ts';

export interface EvalJob {
  readonly runtime: RuntimeProcess;
  /** The provider. */
  readonly server: LoopbackServer;
  /** What it left as its termination message. */
  readonly report: () => unknown;
}

/** Starts the eval command with the variables that the operator's Job gives it. */
export async function startEvalJob(suite: object, respond: Respond, environment: Readonly<Record<string, string>> = {}, price?: AgentBundle['model']['price']): Promise<EvalJob> {
  const server = await startLoopbackServer(respond);
  const base = bundleFixture();
  const report = join(mkdtempSync(join(tmpdir(), 'sluice-report-')), 'report.json');
  const runtime = startRuntime(['eval'], {
    SLUICE_BUNDLE_FILE: jsonFile({ ...base, model: { ...base.model, provider: { kind: 'Anthropic', endpoint: server.url }, ...(price === undefined ? {} : { price }) } }),
    SLUICE_EVAL_SUITE_FILE: jsonFile(suite), SLUICE_EVAL_REPORT_FILE: report, SLUICE_HOST: '127.0.0.1', SLUICE_PROVIDER_API_KEY: 'sk-very-secret', ...environment,
  });
  return { runtime, server, report: () => (existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as unknown) : undefined) };
}

/** A provider whose model always says this. */
export const answers = (text: string): Respond => anthropicWire.whole({ text });

export const ask = (name: string, expectation: object): { readonly name: string; readonly input: { readonly text: string }; readonly expect: object } => ({ name, input: { text: `Private question ${name}?` }, expect: expectation });

/** A folder for SLUICE_EVAL_CASES_FOLDER with one file. */
export function casesFolder(name: string, content: string): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'));
  mkdirSync(join(folder, '0'));
  writeFileSync(join(folder, '0', name), content);
  return { folder, path: join(folder, '0', name) };
}

/** Writes `count` lines, as large as they may be together. */
export async function writeLines(path: string, count: number, line: (index: number) => string): Promise<void> {
  const stream = createWriteStream(path);
  for (let index = 0; index < count; index += 1) if (!stream.write(`${line(index)}\n`)) await once(stream, 'drain');
  await new Promise((resolve) => stream.end(resolve));
}
