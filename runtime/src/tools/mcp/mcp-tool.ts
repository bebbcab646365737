import type { Client } from '@modelcontextprotocol/client';
import { refusalIn } from '../../egress/egress-refused.ts';
import { doubtfulAttempt, type Attempt, type RunnerCall, type ToolRunner } from '../tool-runner.ts';
import type { Credential } from '../credentials/credential.ts';
import type { McpConnection } from './mcp-connection.ts';
import { attemptOf } from './mcp-result.ts';

/** The SDK's own limit of a call is out of the way: the tool's timeout ends it. */
const longTimeout = 3_600_000;

export interface McpRunnerOptions {
  readonly connection: McpConnection;
  /** The tool as the server names it. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly credential?: Credential | undefined;
}

/** The context of a trace has the names that the protocol reserves for it. */
function metaOf({ requestId, policyVersion, idempotencyKey, trace }: RunnerCall): Record<string, string> {
  const meta = { ...trace, 'sluice.dev/request-id': requestId, ...(policyVersion === undefined ? {} : { 'sluice.dev/policy-version': policyVersion }) };
  return idempotencyKey === undefined ? meta : { ...meta, 'sluice.dev/idempotency-key': idempotencyKey };
}

async function callOn(client: Client, { connection, name, credential }: McpRunnerOptions, call: RunnerCall, signal: AbortSignal): Promise<Attempt> {
  const result = await connection.use(client, async (options) => await client.callTool({ name, arguments: { ...call.values }, _meta: metaOf(call) }, { ...options, timeout: longTimeout }), signal);
  return attemptOf(result, credential?.redacted);
}

/** `lost`: the server knows nothing of the session any more, and has done nothing. */
type Ending = { readonly attempt: Attempt; readonly session: 'kept' | 'lost' };

async function runOnce(options: McpRunnerOptions, call: RunnerCall, signal: AbortSignal): Promise<Ending> {
  let client: Client | undefined;
  try {
    client = await options.connection.client(signal);
    return { attempt: await callOn(client, options, call, signal), session: 'kept' };
  } catch (error) {
    signal.throwIfAborted();
    // Loaded by now: with the client that failed.
    const { connectionFailure, saidNo, wasTurnedAway } = await import('./mcp-failure.ts');
    const no = saidNo(error);
    if (no !== undefined) return { attempt: no, session: 'kept' };
    if (client !== undefined) await options.connection.drop(client);
    const failure = refusalIn(error) === undefined ? connectionFailure(error) : undefined;
    if (failure === undefined) throw error;
    // Without a client nothing but the greeting was sent.
    if (client === undefined || failure.attempt.kind === 'ok') return { attempt: failure.attempt, session: 'kept' };
    return wasTurnedAway(error) ? failure : { ...failure, attempt: doubtfulAttempt(failure.attempt.result.reason, failure.attempt.outlook) };
  }
}

/** A session that is lost is begun anew, once: the specification of the older revisions wants that of a client that gets 404. */
async function run(options: McpRunnerOptions, call: RunnerCall, signal: AbortSignal): Promise<Attempt> {
  const first = await runOnce(options, call, signal);
  return first.session === 'kept' ? first.attempt : (await runOnce(options, call, signal)).attempt;
}

/** A tool of a server of the Model Context Protocol. */
export function createMcpRunner(options: McpRunnerOptions): ToolRunner {
  return { parameters: options.parameters, prepare: (call) => ({ ok: true, run: (signal) => run(options, call, signal) }) };
}
