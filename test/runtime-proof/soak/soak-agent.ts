import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentBundle, BundleTool } from '@sluice/crds';
import { simulatedBundle } from '../agent-program.ts';

/** Where the agent keeps what it must not forget: in a file, so that memory is what the process itself keeps; or in memory, where what is kept is bounded. */
export type SoakStore = 'file' | 'memory';

/** A provider that fails in every way that it can, now and then. */
export const faultyScript = {
  rules: [
    { match: { userContains: 'hold' }, respond: { hangStreamAfterEvents: 3 } },
    { match: {}, probability: 0.01, respond: { status: 500 } },
    { match: {}, probability: 0.01, respond: { status: 429, retryAfter: 0 } },
    { match: { stream: true }, probability: 0.01, respond: { cutStreamAfterEvents: 2 } },
    { match: { stream: true }, probability: 0.01, respond: { errorStreamAfterEvents: 2 } },
    { match: {}, probability: 0.01, respond: { malformedJson: true } },
  ],
};

/** So that a report of 50 KB is one answer. */
const maxOutputTokens = 30_000;
const maxResultBytes = 65_536;
const approvalTimeoutMs = 3_600_000;

function tool(shop: string, { name, description, path, argument, write }: { readonly name: string; readonly description: string; readonly path: string; readonly argument: string; readonly write?: BundleTool['write'] }): BundleTool {
  return {
    name,
    description,
    parameters: { type: 'object', properties: { [argument]: { type: 'string' } }, required: [argument], additionalProperties: false },
    http: { method: write === undefined ? 'GET' : 'POST', url: `${shop}/${path}/{${argument}}`, allowedHosts: ['127.0.0.1'], allowedNetworks: ['127.0.0.0/8'] },
    timeoutMs: 5_000,
    effect: write === undefined ? 'Read' : 'Write',
    maxResultBytes,
    ...(write === undefined ? {} : { write }),
  };
}

/** An agent with tools that read and write, with precision, and with the servers of MCP and A2A. */
export function soakBundle({ provider, shop, url }: { readonly provider: string; readonly shop: string; readonly url: string }): AgentBundle {
  const tools = [
    tool(shop, { name: 'order_status', description: 'Says the status of an order.', path: 'orders', argument: 'order_id' }),
    tool(shop, { name: 'order_archive', description: 'Finds an order among the old ones.', path: 'archive', argument: 'order_id' }),
    tool(shop, { name: 'sales_report', description: 'Fetches a sales report.', path: 'reports', argument: 'report_id' }),
    tool(shop, { name: 'cancel_purchase', description: 'Cancels a purchase.', path: 'cancellations', argument: 'purchase_id', write: {} }),
    tool(shop, { name: 'pay_refund', description: 'Pays a refund.', path: 'refunds', argument: 'refund_id', write: { approval: { when: 'Always', timeoutMs: approvalTimeoutMs } } }),
  ];
  const policies = [{ name: 'fast', tools: ['order_status'] }, { name: 'careful', tools: ['order_archive'] }];
  const bundle = simulatedBundle(provider, { tools, precision: { thresholdPercent: 40, policies }, interfaces: { description: 'Helps customers of the shop.', url, mcp: { tool: 'support' }, a2a: {} } });
  return { ...bundle, model: { ...bundle.model, parameters: { ...bundle.model.parameters, maxOutputTokens } } };
}

/** Two callers of one tenant, of whom one may decide on writes of the other: their keys, and the settings of the agent server. */
export async function soakSettings(folder: string, { store, mebibytes }: { readonly store: SoakStore; readonly mebibytes: number }): Promise<{ readonly keys: Readonly<Record<'user' | 'approver', string>>; readonly environment: Readonly<Record<string, string>> }> {
  const keys = { user: randomUUID(), approver: randomUUID() };
  const access = Object.entries(keys).map(([id, key]) => ({ id, sha256: createHash('sha256').update(key).digest('hex'), tenant: 'shop', roles: id === 'approver' ? ['approver'] : [] }));
  const file = join(folder, 'access.json');
  await writeFile(file, JSON.stringify({ keys: access }));
  return {
    keys,
    environment: { SLUICE_STORE: store === 'memory' ? 'sqlite::memory:' : `sqlite:${join(folder, 'state.db')}`, SLUICE_STORE_MAX_BYTES: String(mebibytes * 2 ** 20), SLUICE_ACCESS_FILE: file, SLUICE_ANONYMOUS_ACCESS: 'Denied' },
  };
}
