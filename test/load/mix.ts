import { z } from 'zod';

const name = z.string().min(1).max(200);

const entrySchema = z.strictObject({
  text: z.string().min(1).max(20_000),
  /** How often, against the other entries. */
  weight: z.number().positive().max(1_000_000).default(1),
  workflow: name.default('support'),
});

/** What the users of the load ask. */
export const mixSchema = z.strictObject({
  entries: z.array(entrySchema).min(1).max(1000),
  tenants: z.array(name).min(1).max(1000).default(['acme', 'globex', 'initech']),
  /** Users of each tenant. */
  usersPerTenant: z.int().min(1).max(1_000_000).default(50),
  /** Share of the requests that ask for server-sent events. */
  streamShare: z.number().min(0).max(1).default(0.2),
});

export type Mix = z.infer<typeof mixSchema>;

/** The body of `POST /v1/invoke`. */
export interface InvokeBody {
  readonly request_id: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly workflow: string;
  readonly input: { readonly text: string };
}

export interface PlannedRequest {
  readonly body: InvokeBody;
  readonly stream: boolean;
}

/** A mix that cannot be used; the message names the field and what is wrong. */
export class MixError extends Error {
  override readonly name = 'MixError';
}

/** Throws MixError; `source` says in its message where the text came from. */
export function parseMix(text: string, source: string): Mix {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new MixError(`${source}: it is not JSON (${String(cause)})`, { cause });
  }
  const parsed = mixSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new MixError(`${source}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'mix'}: ${message}`).join('; ')}`);
}

/** The next request, drawn with four numbers of `random` (each in [0, 1)). */
export function plan(mix: Mix, requestId: string, random: () => number): PlannedRequest {
  const entry = weighted(mix.entries, random());
  const tenant = mix.tenants[Math.floor(random() * mix.tenants.length)] ?? '';
  const user = `${tenant}-user-${Math.floor(random() * mix.usersPerTenant) + 1}`;
  return {
    body: { request_id: requestId, tenant_id: tenant, user_id: user, workflow: entry.workflow, input: { text: entry.text } },
    stream: random() < mix.streamShare,
  };
}

function weighted(entries: Mix['entries'], draw: number): Mix['entries'][number] {
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw * total;
  const found = entries.find(({ weight }) => (left -= weight) < 0) ?? entries.at(-1);
  if (found === undefined) throw new MixError('mix.entries is empty');
  return found;
}
