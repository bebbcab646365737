import { spawn } from 'node:child_process';
import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ListedPod, targetsOf } from './targets.ts';

/**
 * Runs Prometheus once its program is there, and tells it by HTTP which pods the agents have: the program of the tests has no discovery of
 * Kubernetes built in. PROGRAM: its path; CONFIG: its configuration; FOLDER: for its data; NAMESPACE: of the agents.
 */
const { PROGRAM = '', CONFIG = '', FOLDER = '', NAMESPACE = '' } = process.env;
const DISCOVERY_PORT = 8090;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const LIST_TIMEOUT_MS = 5_000;

async function agentPods(): Promise<readonly ListedPod[]> {
  const token = await readFile(`${ACCOUNT}/token`, 'utf8');
  const url = `https://kubernetes.default.svc/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dsluice`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the API server answered ${response.status}`);
  return ((await response.json()) as { readonly items: readonly ListedPod[] }).items;
}

/** After a failure Prometheus keeps the pods that it knows. */
async function discover(response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'application/json');
  try {
    response.end(JSON.stringify(targetsOf(await agentPods())));
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    response.writeHead(503).end();
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}

createServer((_request, response) => void discover(response)).listen(DISCOVERY_PORT, '127.0.0.1');
while (!(await isThere(PROGRAM))) await sleep(200);
await writeFile(`${FOLDER}/prometheus.yml`, CONFIG);
const child = spawn(PROGRAM, [`--config.file=${FOLDER}/prometheus.yml`, '--web.listen-address=:9090', `--storage.tsdb.path=${FOLDER}/data`, '--log.level=warn'], { stdio: 'inherit' });
child.once('exit', (code) => process.exit(code ?? 1));
process.once('SIGTERM', () => child.kill('SIGTERM'));
