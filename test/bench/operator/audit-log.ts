import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
/** Larger than the log of any run: a rotated log would lose the offsets. Mebibytes. */
const MAX_LOG_MEBIBYTES = 100_000;

/** How often one user did one thing. */
export interface WriteCount {
  readonly verb: string;
  /** With the subresource: `releases/status`. */
  readonly resource: string;
  readonly count: number;
  /** Of these, those that the API server refused: conflicts, mostly. */
  readonly refused: number;
}

/** The API server's own account of what one user wrote, request by request. */
export class AuditLog {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Writes the policy into the folder. `flags` go to the API server. */
  static async prepare(folder: string, user: string): Promise<{ readonly log: AuditLog; readonly flags: readonly string[] }> {
    const policy = join(folder, 'audit-policy.yaml');
    const path = join(folder, 'audit.log');
    await writeFile(policy, auditPolicy(user));
    const flags = [`--audit-policy-file=${policy}`, `--audit-log-path=${path}`, '--audit-log-format=json', `--audit-log-maxsize=${MAX_LOG_MEBIBYTES}`];
    return { log: new AuditLog(path), flags };
  }

  /** Where the log ends now, bytes. */
  async position(): Promise<number> {
    return (await stat(this.#path)).size;
  }

  /** What was written between two positions, most frequent first. */
  async writes(from: number, to: number): Promise<readonly WriteCount[]> {
    if (to <= from) return [];
    const lines = createInterface({ input: createReadStream(this.#path, { start: from, end: to - 1, encoding: 'utf8' }) });
    return countWrites(lines);
  }
}

/** Metadata of the user's writes and nothing else: the log is to cost next to nothing. Leases are renewed by time and not for any agent. */
export function auditPolicy(user: string): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    rules: [{ level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] }, { level: 'Metadata', users: [user], verbs: WRITES }, { level: 'None' }],
  });
}

export async function countWrites(lines: AsyncIterable<string>): Promise<readonly WriteCount[]> {
  const counts = new Map<string, WriteCount>();
  for await (const line of lines) {
    const { verb, resource, outcome } = parseLine(line);
    const key = `${verb} ${resource}`;
    const known = counts.get(key) ?? { verb, resource, count: 0, refused: 0 };
    counts.set(key, { ...known, count: known.count + 1, refused: known.refused + (outcome === 'refused' ? 1 : 0) });
  }
  return [...counts.values()].toSorted((left, right) => right.count - left.count);
}

interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
}

function parseLine(line: string): { readonly verb: string; readonly resource: string; readonly outcome: 'done' | 'refused' } {
  const { verb, objectRef, responseStatus } = JSON.parse(line) as AuditEvent;
  const { resource = 'unknown', subresource } = objectRef ?? {};
  return { verb, resource: subresource === undefined ? resource : `${resource}/${subresource}`, outcome: (responseStatus?.code ?? 0) >= 400 ? 'refused' : 'done' };
}
