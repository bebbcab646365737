import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureTools } from '../../hack/src/tools/tools.ts';
import { firstAuthority, firstServer } from '../../kube/src/testing/certificates.ts';

/** A pod that Prometheus is to scrape. */
export interface ScrapeTarget {
  readonly pod: string;
  readonly namespace: string;
  readonly port: number;
  /** Default `agents`. */
  readonly job?: string;
  /** Name of a metric that Prometheus throws away, of all targets of the job. */
  readonly drops?: string;
  /** Name of a metric that Prometheus stores as `shop_` and the name, of all targets of the job. */
  readonly renames?: string;
}

/** A real Prometheus on loopback, which speaks TLS alone. */
export interface PrometheusServer {
  readonly url: string;
  /** The values of an instant query, asked past the operator's client. */
  values(promql: string): Promise<readonly number[]>;
  /** Until the query returns something for which `holds`. */
  until(promql: string, holds: (values: readonly number[]) => boolean): Promise<void>;
  /** Stops it from running without closing its connections. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Milliseconds. */
const startLimitMs = 60_000;
const callLimitMs = 10_000;
const pollMs = 50;

const tls = { ca: firstAuthority };

/** Starts it with the certificate of `firstServer`; throws when it does not serve in time. Resolves when it is ready, not when it has scraped. */
export async function startPrometheus(targets: readonly ScrapeTarget[], signal: AbortSignal): Promise<PrometheusServer> {
  const { prometheus } = await ensureTools(['prometheus'], { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-prometheus-'));
  const [port = 0] = await freePorts(1);
  const files = { 'prometheus.yml': JSON.stringify(scrapeConfig(targets)), 'web.yml': JSON.stringify({ tls_server_config: { cert_file: 'tls.crt', key_file: 'tls.key' } }), 'tls.crt': firstServer.cert, 'tls.key': firstServer.key };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const args = ['--config.file=prometheus.yml', '--web.config.file=web.yml', `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.path=data', '--log.level=error'];
  const child = spawn(prometheus, args, { cwd: folder, stdio: 'ignore' });
  const agent = new Agent({ connect: tls });
  const url = `https://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await end(child);
    await agent.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  const values = async (promql: string): Promise<readonly number[]> => valuesOf(await get(agent, url, `/api/v1/query?query=${encodeURIComponent(promql)}`));
  try {
    await untilTrue(async () => ended(child) ?? (await get(agent, url, '/-/ready').then(() => true, () => false)), AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    values,
    until: (promql, holds) => untilTrue(async () => holds(await values(promql)), AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)])),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  };
}

function scrapeConfig(targets: readonly ScrapeTarget[]): object {
  const jobs = [...new Set(targets.map(({ job = 'agents' }) => job))];
  return {
    global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
    scrape_configs: jobs.map((job) => ({
      job_name: job,
      metric_relabel_configs: targets.filter(({ job: of = 'agents' }) => of === job).flatMap(relabelingOf),
      static_configs: targets.filter((target) => (target.job ?? 'agents') === job).map(({ pod, namespace, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { pod, namespace } })),
    })),
  };
}

function relabelingOf({ drops, renames }: ScrapeTarget): readonly object[] {
  const name = { source_labels: ['__name__'] };
  return [
    ...(drops === undefined ? [] : [{ ...name, regex: drops, action: 'drop' }]),
    ...(renames === undefined ? [] : [{ ...name, regex: `(${renames})`, target_label: '__name__', replacement: 'shop_$1', action: 'replace' }]),
  ];
}

async function get(agent: Agent, url: string, path: string): Promise<string> {
  const { statusCode, body } = await agent.request({ origin: url, path, method: 'GET', signal: AbortSignal.timeout(callLimitMs) });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`Prometheus answered ${path} with status ${statusCode}: ${text.slice(0, 200)}`);
  return text;
}

function valuesOf(text: string): number[] {
  const { data } = JSON.parse(text) as { readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] } };
  return data.result.map(({ value }) => Number(value[1]));
}

function ended(child: ChildProcess): undefined {
  if (child.exitCode !== null) throw new Error(`Prometheus ended with code ${child.exitCode}`);
  return undefined;
}

async function untilTrue(check: () => Promise<boolean>, limit: AbortSignal): Promise<void> {
  for (;;) {
    limit.throwIfAborted();
    if (await check()) return;
    await wait(pollMs, undefined, { signal: limit });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
