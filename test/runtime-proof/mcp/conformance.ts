import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ProtocolRevision = '2025-06-18' | '2025-11-25' | '2026-07-28';

/** What the conformance client found, one requirement each. */
export interface ConformanceCheck {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'SKIPPED';
  readonly errorMessage?: string;
}

export interface ConformanceScenario {
  readonly scenario: string;
  readonly revision: ProtocolRevision;
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const scenarioLimit = 300_000;
const clientLimit = 120_000;
const program = join(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'), '..', 'dist', 'index.js');
const agentClient = fileURLToPath(new URL('agent-client.ts', import.meta.url));

async function run(args: readonly string[], folder: string, signal: AbortSignal): Promise<string> {
  return await new Promise<string>((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, signal: AbortSignal.any([signal, AbortSignal.timeout(scenarioLimit)]) }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

async function checksOf({ scenario, revision, signal }: ConformanceScenario, args: readonly string[]): Promise<readonly ConformanceCheck[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mcp-'));
  try {
    const output = await run([...args, '--scenario', scenario, '--spec-version', revision, '--output-dir', folder], folder, signal);
    const file = (await readdir(folder, { recursive: true })).find((name) => name.endsWith('checks.json'));
    if (file === undefined) throw new Error(`the scenario ${scenario} told no results:\n${output.slice(-4_000)}`);
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as ConformanceCheck[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs one scenario of the official conformance client against a server. Throws with its output when it told no results. */
export async function checkServer(url: string, scenario: ConformanceScenario): Promise<readonly ConformanceCheck[]> {
  return await checksOf(scenario, ['server', '--url', url]);
}

/** Runs one scenario of the official conformance server against the client that agents call tools by. Throws with its output when it told no results. */
export async function checkClient(scenario: ConformanceScenario): Promise<readonly ConformanceCheck[]> {
  return await checksOf(scenario, ['client', '--command', `"${process.execPath}" "${agentClient}"`, '--timeout', String(clientLimit)]);
}

export interface ListedScenarios {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

function namesIn(text: string | undefined): readonly string[] {
  return [...(text ?? '').matchAll(/^ {2}- (\S+) \[/gm)].map(([, name = '']) => name);
}

/** All scenarios that the package has. */
export async function listScenarios(signal: AbortSignal): Promise<ListedScenarios> {
  const [, server, client] = (await run(['list'], tmpdir(), signal)).split(/^(?:Server|Client|Authorization server) scenarios.*$/m);
  return { server: namesIn(server), client: namesIn(client) };
}
